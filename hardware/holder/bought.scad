// Parts that are bought or cut, as simple solids for the pictures and for the checks of fit.
// Boards lie in the tray's frame; cell, nut, screw and disc in the foot's frame; all else stands on its own middle.

include <sizes.scad>

part = "board";
board = "zero";       // zero: Pi Zero 2 W; b: Pi 3, 4 and 5

board_size = board == "zero" ? zero_board : b_board;
hole_span = board == "zero" ? zero_holes : b_holes;
board_at = [wall + gap, wall + gap, floor + post];
bay_at = wall + 2 * gap + board_size.y;
places_at = bay_at + aisle + place_long / 2;

$fn = 20;

module board() {
    header_at = [hole_inset + header_from_hole, hole_inset + hole_span.y];
    translate(board_at) {
        difference() {
            cube([board_size.x, board_size.y, board_thick]);
            for (x = [0, hole_span.x], y = [0, hole_span.y])
                translate([hole_inset + x, hole_inset + y, -1]) cylinder(d = board_hole, h = board_thick + 2);
        }
        translate([header_at.x - header_size.x / 2, header_at.y - header_size.y / 2, board_thick - 0.1])
            cube([header_size.x, header_size.y, header_high + 0.1]);
        if (board == "zero") {
            translate([-1, board_size.y / 2 - 5.5, board_thick - 0.1]) cube([13, 11, 1.4]);
            for (at = [12.4, 41.4, 54]) translate([at - 4, -0.8, board_thick - 0.1]) cube([8, 5.5, 3]);
        } else {
            for (at = [9, 27, 45.8]) translate([board_size.x - 17, at - 6.5, board_thick - 0.1])
                cube([17 + socket_stands_out, 13, 16]);
            for (at = [11.2, 32, 53.5]) translate([at - 4.5, -1.2, board_thick - 0.1]) cube([9, 8, 3.4]);
        }
    }
}

module small_board(x, size, high, round) {
    translate([wall + x, places_at, floor + rest_high]) {
        translate([-size.x / 2, -size.y / 2, 0]) cube([size.x, size.y, small_board_thick]);
        if (round) translate([0, size.y / 2 - 7, small_board_thick - 0.1]) cylinder(d = 12, h = high + 0.1);
        else translate([-size.x / 2 + 2, size.y / 2 - 9, small_board_thick - 0.1]) cube([size.x - 4, 8, high + 0.1]);
    }
}

// Loops of ties around the two small boards.
module board_ties() {
    for (place = [[buzzer_place, buzzer_grove.y], [converter_place, nau7802_sparkfun.x]], side = [-1, 1])
        translate([wall + place[0], places_at + side * (tie_slot.x + rest_pillar) / 2, floor + rest_high - rest_bar - 1.4])
            rotate([90, 0, 0]) loop(place[1] + 0.4, rest_bar + 1.4 + small_board_thick);
}

// Loops of ties around a cable of 5 mm at each mouth.
module cable_ties() {
    for (x = [relief_inset, board_size.x + gap + (board == "zero" ? gap : socket_stands_out + 1) - relief_inset])
        translate([wall + x, bay_at + aisle / 2, floor + rest_high - rest_bar - 1.4])
            rotate([90, 0, 90]) loop(relief.y + 0.4, rest_bar + 1.4 + 5);
}

module loop(wide, high) {
    translate([0, high / 2, -tie_wide / 2]) linear_extrude(tie_wide) difference() {
        square([wide + 2.2, high + 2.2], center = true);
        square([wide, high], center = true);
    }
}

module screw(diameter, length, head, head_high) {
    translate([0, 0, -length]) cylinder(d = diameter, h = length + 0.1);
    cylinder(d = head, h = head_high);
}

module flat_screw(length) {
    translate([0, 0, -length]) cylinder(d1 = 1, d2 = wood_screw, h = 3.1);
    translate([0, 0, 3 - length]) cylinder(d = wood_screw, h = length - 3);
    translate([0, 0, -wood_head_deep]) cylinder(d1 = wood_screw, d2 = wood_head - 0.4, h = wood_head_deep);
}

module hexagon(across, high) { cylinder(d = across / cos(30), h = high, $fn = 6); }

// Its head lies below zero.
module bolt(diameter, length, head) {
    translate([0, 0, -head.y]) hexagon(head.x, head.y);
    translate([0, 0, -0.1]) cylinder(d = diameter, h = length + 0.1);
}

// Its flange lies below zero.
module t_nut() {
    difference() {
        union() {
            translate([0, 0, -m8_t_nut_flange.y]) cylinder(d = m8_t_nut_flange.x, h = m8_t_nut_flange.y);
            cylinder(d = m8_t_nut.x - 0.2, h = m8_t_nut.y);
        }
        translate([0, 0, -9]) cylinder(d = m8, h = 99);
    }
}

module nut(size, hole) {
    difference() {
        hexagon(size.x, size.y);
        translate([0, 0, -1]) cylinder(d = hole, h = size.y + 2);
    }
}

module washer(size, hole) {
    difference() {
        cylinder(d = size.x, h = size.y);
        translate([0, 0, -1]) cylinder(d = hole, h = size.y + 2);
    }
}

module cell() {
    inside = [cell - cell_frame[1] - cell_gauge_side, cell - 2 * cell_frame[1]];
    translate([0, 0, foot_lip]) {
        difference() {
            translate([-cell / 2, -cell / 2]) cube([cell, cell, cell_frame[0]]);
            translate([cell_frame[1] - cell / 2, cell_frame[1] - cell / 2, -1]) cube([inside.x - 5, 3, 5]);
            translate([cell_frame[1] - cell / 2, cell / 2 - cell_frame[1] - 3, -1]) cube([inside.x - 5, 3, 5]);
            translate([cell_frame[1] - cell / 2, cell_frame[1] - cell / 2, -1]) cube([3, inside.y, 5]);
        }
        cylinder(d = cell_button, h = cell_high - 3);
        translate([0, 0, cell_high - 3.01]) cylinder(d1 = cell_button, d2 = 4, h = 3.01);
    }
}

// With board = "four" for four cells, with "one" for the single cell.
module lower_plate() {
    difference() {
        board_of_wood(plate_thick);
        if (board == "four") corners() {
            translate([cell_inset, cell_inset, -1]) cylinder(d = key_hole, h = plate_thick + 2);
            translate([bolt_inset[0], bolt_inset[1], -1]) cylinder(d = bolt_hole, h = plate_thick + 2);
            translate([bolt_inset[0], bolt_inset[1], -1]) cylinder(d = sink, h = sink_below + 1);
        }
        else {
            corners() translate([corner_inset, corner_inset, -1]) cylinder(d = m8_t_nut.x, h = plate_thick + 2);
            platform_holes(-1, 0);
        }
    }
}

module upper_plate() {
    difference() {
        board_of_wood(plate_thick);
        if (board == "four") corners() {
            translate([bolt_inset[0], bolt_inset[1], -1]) cylinder(d = bolt_room, h = plate_thick + 2);
            translate([bolt_inset[0], bolt_inset[1], plate_thick - sink_above]) cylinder(d = sink, h = sink_above + 1);
        }
        else platform_holes(1, plate_thick);
    }
}

// The wood around the middle of the plate.
module board_of_wood(thick) {
    translate([-plate_side / 2, -plate_side / 2]) cube([plate_side, plate_side, thick]);
}

// Children, measured from the edges, at each of the four corners.
module corners() {
    for (x = [0, 1], y = [0, 1]) mirror([x, 0]) mirror([0, y])
        translate([-plate_side / 2, -plate_side / 2]) children();
}

// face: height of the face from which the heads are sunk.
module platform_holes(end, face) {
    for (hole = [platform_holes[0], platform_holes[0] + platform_holes[1]])
        translate([end * (platform_cell[0] / 2 - hole), 0]) {
            translate([0, 0, -1]) cylinder(d = m8 + 0.5, h = plate_thick + 2);
            translate([0, 0, face - sink_below]) cylinder(d = sink, h = 2 * sink_below);
        }
}

// Cut out in the middle, where it bends; threads at both ends.
module platform_cell() {
    difference() {
        translate([-platform_cell[0] / 2, -platform_cell[1] / 2]) cube(platform_cell);
        for (end = [-1, 1], hole = [platform_holes[0], platform_holes[0] + platform_holes[1]])
            translate([end * (platform_cell[0] / 2 - hole), 0, -1]) cylinder(d = m8, h = 99);
        translate([0, 0, platform_cell[2] / 2]) rotate([90, 0, 0]) hull()
            for (x = [-12, 12]) translate([x, 0, -50]) cylinder(d = 22, h = 100);
    }
}

module soft(size, radius) {
    hull() for (x = [-1, 1], y = [-1, 1], z = [radius, size.z - radius])
        translate([x * (size.x / 2 - radius), y * (size.y / 2 - radius), z]) sphere(radius, $fn = 8);
}

if (part == "board") board();
if (part == "buzzer") small_board(buzzer_place, [buzzer_grove.y, buzzer_grove.x], buzzer_high, true);
if (part == "converter") small_board(converter_place, nau7802_sparkfun, converter_high, false);
if (part == "board-ties") board_ties();
if (part == "cable-ties") cable_ties();
if (part == "m25-screw") screw(m25, m25_long, m25_head, m25);
if (part == "wood-screw") flat_screw(wood_long);
if (part == "pan-screw") flat_screw(pan_screw_long);
if (part == "m5-bolt") bolt(m5, m5_long, m5_head);
if (part == "m5-washer") washer(m5_washer, m5 + 0.3);
if (part == "m5-nut") nut(m5_nut, m5);
if (part == "m5-lock-nut") nut(m5_lock_nut, m5);
if (part == "m6-lock-nut") translate([0, 0, foot_floor]) nut(m6_lock_nut, m6);
if (part == "m6-set-screw") translate([0, 0, foot_lip - m6_long]) cylinder(d = m6, h = m6_long);
if (part == "m8-bolt") bolt(m8, m8_long, m8_head);
if (part == "m8-cell-bolt") bolt(m8, m8_cell_long, m8_head);
if (part == "m8-t-nut") t_nut();
if (part == "m8-nut") nut(m8_nut, m8);
if (part == "cell") cell();
if (part == "disc") translate([0, 0, plates_apart - disc.y]) cylinder(d = disc.x, h = disc.y);
if (part == "lower-plate") lower_plate();
if (part == "upper-plate") upper_plate();
if (part == "platform-cell") platform_cell();
if (part == "platform-spacer")
    translate([-platform_spacer[0] / 2, -platform_spacer[1] / 2]) difference() {
        cube(platform_spacer);
        for (x = [-1, 1] * platform_holes[1] / 2)
            translate([platform_spacer[0] / 2 + x, platform_spacer[1] / 2, -1])
                cylinder(d = m8 + 0.5, h = 99);
    }
if (part == "pan") soft([pan[0], pan[0], pan[1]], 5);
if (part == "mat") soft([mat[0], mat[0], mat[1]], 1.4);
if (part == "bank") soft([bank[0], 70, bank[1]], 4);
if (part == "cushion") soft([cushion_side, cushion_side, cushion_thick], 18);

// Parts to print: tray and cover for a Raspberry Pi under a seat, foot and cup for a half-bridge cell.
// All sizes are in sizes.scad. Choose the part with -D 'part="tray"'; `make holder` makes all.

include <sizes.scad>

part = "tray";        // tray, cover, foot or cup
board = "zero";       // zero: Pi Zero 2 W; b: Pi 3, 4 and 5

board_size = board == "zero" ? zero_board : b_board;
hole_span = board == "zero" ? zero_holes : b_holes;
windows = board == "zero" ? zero_windows : b_windows;
far_gap = board == "zero" ? gap : socket_stands_out + 1;

inner = [board_size.x + gap + far_gap, board_size.y + 2 * gap + bay];
outer = [inner.x + 2 * wall, inner.y + 2 * wall];
high = floor + rim;
aisle_at = wall + 2 * gap + board_size.y;      // where the bay begins
places_at = aisle_at + aisle + place_long / 2; // middle of the places of the small boards
lugs = [for (x = [-lug / 2 + 1, outer.x + lug / 2 - 1], y = [lug_inset, outer.y - lug_inset]) [x, y]];

$fn = 24;

module plate(size, height, radius = 4) {
    linear_extrude(height)
        translate([radius, radius])
            offset(radius) square([size.x - 2 * radius, size.y - 2 * radius]);
}

module countersunk(thick) {
    translate([0, 0, -1]) cylinder(d = wood_hole, h = thick + 2);
    translate([0, 0, thick - wood_head_deep])
        cylinder(d1 = wood_hole, d2 = wood_hole + 2 * (wood_head_deep + 0.1), h = wood_head_deep + 0.1);
}

module tray() {
    difference() {
        union() {
            translate([-ear, 0]) plate([outer.x + 2 * ear, outer.y], floor);
            difference() {
                plate(outer, high);
                translate([wall, wall, floor]) plate(inner, rim + 1, 2);
            }
            for (at = lugs) translate(at) cylinder(d = lug, h = high);
            posts(post_wide, post + 1, floor - 1);
            for (x = [buzzer_place, converter_place])
                translate([wall + x, places_at, floor - 1]) rest_block();
            for (x = [wall + relief_inset, outer.x - wall - relief_inset])
                translate([x, aisle_at + aisle / 2, floor - 1]) relief_block();
        }
        posts(m25_pilot, post + 2, floor - 0.6);
        for (at = lugs) translate([at.x, at.y, high - m25_long]) cylinder(d = m25_pilot, h = m25_long + 1);
        for (x = [-ear / 2, outer.x + ear / 2], y = [ear_inset, outer.y - ear_inset])
            translate([x, y]) countersunk(floor);
        for (x = [-1, outer.x - wall - 1])
            translate([x, aisle_at + (aisle - mouth) / 2, floor + 4]) cube([wall + 2, mouth, rim]);
        sockets();
    }
}

module posts(width, height, from) {
    for (x = [0, hole_span.x], y = [0, hole_span.y])
        translate([wall + gap + hole_inset + x, wall + gap + hole_inset + y, from])
            cylinder(d = width, h = height);
}

// Below a lintel, so that no piece of wall stands alone. The far end has none: a B board's sockets there stay unused.
module sockets() {
    for (window = windows)
        translate([wall + gap + window[0], -1, floor + post - 1])
            cube([window[1] - window[0], wall + 2, lintel + 1]);
    translate([-1, wall + gap + board_size.y / 2 - card_window / 2, floor + 2])
        cube([wall + 2, card_window, post + 4]);
}

// A small board lies on it; two ties go around both, through the tunnels.
module rest_block() {
    difference() {
        translate([-rest.x / 2, -rest.y / 2]) cube([rest.x, rest.y, rest_high + 1]);
        for (y = [-1, 1] * (tie_slot.x + rest_pillar) / 2)
            translate([-rest.x, y - tie_slot.x / 2, 1 + rest_high - rest_bar - tie_slot.y])
                cube([2 * rest.x, tie_slot.x, tie_slot.y]);
    }
}

// A cable lies on it; a tie goes around both, through the tunnel.
module relief_block() {
    difference() {
        translate([-relief.x / 2, -relief.y / 2]) cube([relief.x, relief.y, rest_high + 1]);
        translate([-tie_slot.x / 2, -relief.y, 1 + rest_high - rest_bar - tie_slot.y])
            cube([tie_slot.x, 2 * relief.y, tie_slot.y]);
    }
}

// As it lies on the printer: turned over from its place on the tray.
module cover() {
    translate([0, outer.y, high + cover_skin]) rotate([180, 0, 0]) cover_in_place();
}

module cover_in_place() {
    lip = [inner.x - 2 * cover_play, inner.y - 2 * cover_play];
    difference() {
        union() {
            translate([0, 0, high]) plate(outer, cover_skin);
            for (at = lugs) translate([at.x, at.y, high]) hull() {
                cylinder(d = lug, h = cover_skin);
                translate([sign(outer.x / 2 - at.x) * lug, -lug / 2]) cube([0.1, lug, cover_skin]);
            }
            translate([wall + cover_play, wall + cover_play, high - cover_lip]) difference() {
                plate(lip, cover_lip + 1, 2 - cover_play);
                translate([2, 2, -1]) plate([lip.x - 4, lip.y - 4], cover_lip + 3, 1);
            }
        }
        for (at = lugs) translate([at.x, at.y, high - 1]) cylinder(d = m25 + 0.4, h = cover_skin + 2);
        for (nth = [1 : 7])
            translate([outer.x * nth / 8 - vent.x / 2, wall + gap + board_size.y / 2 - vent.y / 2, high - 1])
                cube([vent.x, vent.y, cover_skin + 2]);
        for (x = [-1 : 1], y = [-2 : 2])
            translate([wall + buzzer_place + 2 * x * sound_hole, places_at + 2 * y * sound_hole, high - 1])
                cylinder(d = sound_hole, h = cover_skin + 2, $fn = 12);
    }
}

// The cell's gauges and its wires are at the right.
module foot() {
    pocket = cell + 2 * cell_play;
    free = [pocket - cell_frame[1] - cell_gauge_side, pocket - 2 * cell_frame[1]];
    collar = m6_lock_nut.x / cos(30) + 6;
    middle = [-foot_side / 2, -foot_side / 2];
    difference() {
        union() {
            translate(middle) difference() {
                plate([foot_side, foot_side], foot_lip + foot_deep);
                translate([foot_wall, foot_wall, foot_lip]) plate([pocket, pocket], foot_deep + 1, 1);
                translate([foot_wall + cell_frame[1], foot_wall + cell_frame[1], foot_well])
                    plate(free, foot_lip, 2);
                translate([foot_side - foot_wall - 1, foot_side / 2 - cord / 2, foot_lip])
                    cube([foot_wall + 2, cord, foot_deep + 1]);
            }
            cylinder(d = collar, h = foot_lip - foot_air);
            translate([-foot_side / 4, -foot_side / 2 - foot_ear, 0])
                plate([foot_side / 2, foot_side + 2 * foot_ear], foot_ear_thick);
        }
        translate([0, 0, -1]) cylinder(d = m6 + 0.6, h = foot_lip);
        translate([0, 0, foot_floor])
            cylinder(d = (m6_lock_nut.x + nut_play) / cos(30), h = foot_lip, $fn = 6);
        for (y = [-1, 1] * (foot_side + foot_ear) / 2) translate([0, y]) countersunk(foot_ear_thick);
    }
}

// As it lies below the upper plate, the ring down.
module cup() {
    difference() {
        hull() {
            cylinder(d = cup_wide, h = cup_high);
            for (y = [-1, 1] * (cup_wide + cup_ear) / 2) translate([0, y]) cylinder(d = cup_ear, h = cup_high);
        }
        translate([0, 0, -1]) cylinder(d = cell_button + 2 * cup_play, h = cup_high + 2);
        translate([0, 0, cup_ring]) cylinder(d = disc.x + 0.4, h = cup_high, $fn = 48);
        for (y = [-1, 1] * (cup_wide + cup_ear) / 2)
            translate([0, y, cup_high]) rotate([180, 0, 0]) countersunk(cup_high);
    }
}

if (part == "tray") tray();
if (part == "cover") cover();
if (part == "foot") foot();
if (part == "cup") cup();

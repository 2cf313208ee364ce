// Holder for a Raspberry Pi under a seat, and a foot for a half-bridge load cell.
// All lengths in millimetres. Choose the part with -D 'part="tray"'; `make holder` makes all.

part = "tray";        // tray, cover or foot
board = "zero";       // zero: Pi Zero; b: Pi 3, 4 and 5

// The board: width, depth, and the distances of its holes (Raspberry Pi mechanical drawings).
board_size = board == "zero" ? [65, 30] : [85, 56];
hole_span = board == "zero" ? [58, 23] : [58, 49];
hole_inset = 3.5;     // from the corner at the microSD card to the first hole

wall = 2.4;
floor = 3;
gap = 1.5;            // air around the board
post = 6;             // height of the board above the floor: solder and buzzer wires
post_width = 6;
screw = 2.1;          // pilot hole for an M2.5 screw that cuts its own thread
rim = 28;             // height of the walls above the floor: board, header, jumper wires and their bend
bay = 34;             // room beside the board for a buzzer and joints
mouth = 12;           // openings for cables in both ends
ear = 14;             // the flanges with the holes for screws
ear_screw = 4.2;      // a wood screw of 4 mm
strap = [3, 22];      // slot for a hook-and-loop strap of 20 mm
strap_deep = 1.6;     // the groove in which it runs behind the floor
tie = [5, 2.5];       // slot for a cable tie

cover_skin = 2;
cover_play = 0.3;
vent = [2.5, 16];

// The cell: a square frame with a middle that must be free to bend.
cell = 34.5;          // side of the cell; measure yours
cell_lip = 3;         // what the rim carries of the frame
cell_deep = 3;        // how far the cell sinks in
cell_free = 3;        // air under its middle
foot_wall = 3;
foot_floor = 3;
cord = 6;             // opening for the wires

inner = [board_size.x + 2 * gap, board_size.y + 2 * gap + bay];
outer = [inner.x + 2 * wall, inner.y + 2 * wall];

$fn = 32;

module plate(size, height, radius = 4) {
    linear_extrude(height)
        translate([radius, radius])
            offset(radius) square([size.x - 2 * radius, size.y - 2 * radius]);
}

module tray() {
    difference() {
        union() {
            ears();
            difference() {
                plate(outer, floor + rim);
                translate([wall, wall, floor]) plate(inner, rim + 1, 2);
            }
            posts(post_width, post + 1, floor - 1);
        }
        posts(screw, post + 2, floor - 0.6);
        translate([-ear / 2, (outer.y - strap.y) / 2, -1])
            cube([outer.x + ear, strap.y, strap_deep + 1]);
        for (x = [-1, outer.x - wall - 1])
            translate([x, outer.y - bay / 2 - wall - mouth / 2, floor + 4])
                cube([wall + 2, mouth, rim]);
        sockets();
        ties();
    }
}

module posts(width, height, from) {
    for (x = [0, hole_span.x], y = [0, hole_span.y])
        translate([wall + gap + hole_inset + x, wall + gap + hole_inset + y, from])
            cylinder(d = width, h = height);
}

// Open above the board's underside: the long side, the end with the microSD card, and for the larger
// boards the end with USB, which stands out.
module sockets() {
    from = floor + post - 2;
    ends = board == "zero" ? [-1] : [-1, outer.x - wall - 1];
    translate([wall + 6, -1, from]) cube([inner.x - 12, wall + 2, rim]);
    for (x = ends)
        translate([x, wall + gap + 2, from]) cube([wall + 2, board_size.y - 4, rim]);
}

module ties() {
    for (x = [wall + 8, outer.x - wall - 8], side = [-1, 1])
        translate([x + side * 5 - tie.y / 2, outer.y - bay / 2 - wall - tie.x / 2, -1])
            cube([tie.y, tie.x, floor + 2]);
}

module ears() {
    difference() {
        translate([-ear, 0]) plate([outer.x + 2 * ear, outer.y], floor);
        for (x = [-ear / 2, outer.x + ear / 2]) {
            for (y = [8, outer.y - 8])
                translate([x, y, -1]) cylinder(d = ear_screw, h = floor + 2);
            translate([x - strap.x / 2, (outer.y - strap.y) / 2, -1])
                cube([strap.x, strap.y, floor + 2]);
        }
    }
}

// Goes over the walls of the tray; the strap holds both.
module cover() {
    size = [outer.x + 2 * (cover_play + cover_skin), outer.y + 2 * (cover_play + cover_skin)];
    skirt = 6;
    difference() {
        plate(size, cover_skin + skirt, 4 + cover_play + cover_skin);
        translate([cover_skin, cover_skin, cover_skin])
            plate([outer.x + 2 * cover_play, outer.y + 2 * cover_play], skirt + 1, 4 + cover_play);
        for (nth = [1 : 7])
            translate([size.x * nth / 8 - vent.x / 2, size.y * 0.3 - vent.y / 2, -1])
                cube([vent.x, vent.y, cover_skin + 2]);
    }
}

module foot() {
    side = cell + 2 * foot_wall;
    free = cell - 2 * cell_lip;
    difference() {
        plate([side, side], foot_floor + cell_free + cell_deep);
        translate([foot_wall, foot_wall, foot_floor + cell_free])
            plate([cell, cell], cell_deep + 1, 1);
        translate([foot_wall + cell_lip, foot_wall + cell_lip, foot_floor])
            plate([free, free], cell_free + 1, 2);
        translate([side / 2 - cord / 2, -1, foot_floor + cell_free - 1])
            cube([cord, foot_wall + cell_lip + 2, cell_deep + 2]);
    }
}

if (part == "tray") tray();
if (part == "cover") cover();
if (part == "foot") foot();

// Sizes of the printed parts, of the parts that are bought, and of the seat.
// Millimetres and kilograms. The pictures and the pages take their numbers from here.
// Each line is: name = number, pair or sum of earlier names; // what it is [source].
// Measure your own parts, change the line, and run `make holder` and `make wiring`.

// Boards.
zero_board = [65, 30];        // Raspberry Pi Zero 2 W [Raspberry Pi mechanical drawing]
zero_holes = [58, 23];        // distances of its holes [the same]
b_board = [85, 56];           // Raspberry Pi 3, 4 and 5 [Raspberry Pi mechanical drawings]
b_holes = [58, 49];           // distances of their holes [the same]
hole_inset = 3.5;             // from the corner at the microSD card to the first hole [the same]
board_hole = 2.75;            // holes of the boards [the same]
board_thick = 1.4;            // of a Raspberry Pi board [the same]
socket_stands_out = 3;        // USB and Ethernet sockets beyond a B board's edge, at most [the same]
header_size = [50.8, 5.08];   // two rows of twenty pins [2.54 mm grid]
header_from_hole = 29;        // from a hole to the middle of the header, along the board [the same]
header_high = 8.5;            // pins above the board [the same grid: 2.5 plastic, 6 pin]
jumper_plug = 14;             // plug of a jumper wire above the plastic of the header [makers' drawings of crimp housings]
nau7802_adafruit = [25.4, 22.86];  // Adafruit 4538 [its Eagle file]
nau7802_sparkfun = [25.4, 35.56];  // SparkFun SEN-15242 [its Eagle file]
hx711_sparkfun = [30.48, 22.86];   // SparkFun SEN-13879 [its Eagle file]
hx711_generic = [33.5, 20.5];      // green board [TAMS group, measured]
buzzer_grove = [40, 20];           // Seeed 107020000 at most: the larger Grove size [Seeed, Grove system]
buzzer_ky = [18.5, 15];            // three-pin module, KY-012 size [makers' pages]
buzzer_high = 12;             // a buzzer above its board, at most [TMB12A05: 9.5 mm, and its joints]
converter_high = 12;          // a converter's terminals above its board, at most [SEN-15242, with wires]
small_board_thick = 1.6;      // of the small boards [common thickness]

// Screws and ties.
m25 = 2.5;                    // screws of boards and cover, cutting their own thread
m25_pilot = 2.1;              // hole for them in plastic
m25_head = 4.5;               // head, cylinder [ISO 4762]
m25_long = 8;                 // their length
m5 = 5;                       // bolts that retain the upper plate
m5_washer = [15, 1.2];        // wide washer: diameter, thickness [DIN 9021]
m5_head = [8, 3.5];           // hexagon head: across flats, height [ISO 4017]
m5_nut = [8, 4.7];            // nut: across flats, height [ISO 4032]
m5_lock_nut = [8, 5];         // lock nut with nylon [ISO 10511]
m5_pitch = 0.8;               // of the thread
m5_long = 50;                 // length of the bolts
m6 = 6;                       // set screw of a stop
m6_lock_nut = [10, 6];        // [ISO 10511]
m6_long = 10;                 // its length
m8 = 8;                       // corner stops of the single cell
m8_head = [13, 5.3];          // [ISO 4017]
m8_nut = [13, 6.8];           // [ISO 4032]
m8_t_nut = [10, 11];          // drive-in nut: hole in the wood, length of its barrel [makers' sheets]
m8_t_nut_flange = [22, 1.5];  // diameter, thickness
m8_long = 60;                 // their length
m8_cell_long = 30;            // bolts of the single cell
wood_screw = 4;               // countersunk, for plates and for the pan
wood_hole = 4.4;              // hole for it
wood_head = 8;                // head [ISO 7050 and makers' sheets of 4 mm chipboard screws]
wood_head_deep = 1.8;         // of the countersink: 90 degrees
wood_long = 16;               // in plates of 18 mm
pan_screw_long = 12;          // of the tray, in a pan
tie_wide = 2.5;               // cable ties, at most 3.6
tie_slot = [4.4, 2.6];        // tunnel for a tie: width, height

// Tray and cover.
nozzle = 0.4;                 // of the printer
wall = 2.4;                   // of the tray
floor = 3;                    // of the tray
gap = 1.5;                    // air around the board
post = 7;                     // height of a board above the floor
post_wide = 6;                // diameter of the posts
rim = 34;                     // walls above the floor: posts, board, header, plugs and 8 mm for the bend of the wires
lintel = 12;                  // the windows for sockets end this far above the board's post
zero_windows = [[5.4, 19.4], [34.9, 60.5]];              // for sockets, along the board [Raspberry Pi mechanical drawing, plugs]
b_windows = [[5, 17.2], [19.6, 46.2], [48.6, 61]];       // the same, of Pi 3, 4 and 5
card_window = 18;             // at the microSD card: width
bay = 56;                     // room beside the board
aisle = 14;                   // of it, next to the header: cables and jumper wires
mouth = 12;                   // openings for cables, in both ends of the aisle
buzzer_place = 13;            // middle of the buzzer's board from the wall
converter_place = 42;         // middle of the converter's board from the wall
place_long = 42;              // of both places, across the bay
ear = 15;                     // flanges with the holes for the pan's screws
ear_inset = 8;                // of those holes from the ends
lug = 8;                      // columns for the cover's screws, outside the walls
lug_inset = 22;               // of the columns from the ends
cover_skin = 2;               // thickness of the cover
cover_lip = 3;                // rim that goes into the tray
cover_play = 0.3;             // between this rim and the walls, on each side
vent = [2.5, 16];             // openings for air: width, length
sound_hole = 3;               // openings for sound: diameter
rest = [12, 15.6];            // support of a small board: width, length
rest_high = 6;                // above the floor: room for its solder joints and for a tie
rest_bar = 2;                 // plastic above a tunnel
rest_pillar = 2.2;            // plastic beside a tunnel
relief = [8.8, 8];            // where a cable is tied: along the cable, across
relief_inset = 9;             // its middle from the wall

// Half-bridge cell of 50 kg, foot and cup. Measure your cell.
cell = 34;                    // side of the frame [newAM/LoadCellOccupany, measured]
cell_frame = [2.5, 3];        // frame: thickness, width on three sides [the same]
cell_gauge_side = 7.5;        // width of the frame at the gauges [the same]
cell_high = 8;                // from the underside of the frame to the top of the button [assumed; 7 to 8 on cells that are sold]
cell_button = 14;             // width of the button [assumed; 13 to 14 on cells that are sold]
cell_rated = 50;              // kg, its rated load [sold as]
cell_output = 1;              // mV/V at the rated load [makers' pages]
cell_play = 0.25;             // around the cell in its foot
foot_wall = 3;                // around the cell
foot_floor = 3;               // under the nut of the stop
foot_air = 1;                 // between this nut and the cell
foot_well = 6;                // floor around the nut's collar
foot_lip = foot_floor + 6 + foot_air;  // height of the lip that carries the frame
foot_deep = 3;                // how far the cell sinks in
foot_ear = 14;                // flanges with the holes for wood screws
foot_ear_thick = 5;           // their thickness
foot_side = cell + 0.5 + 6;   // with play and two walls
cord = 12;                    // opening for the wires, above the lip
nut_play = 0.3;               // around a nut in its pocket
disc = [25, 2];               // steel disc on which the button presses: diameter, thickness
cup_wide = 34;                // diameter of the cup
cup_ear = 13;                 // flanges with the holes for wood screws
cup_ring = 3;                 // plastic below the disc
cup_play = 1;                 // around the button
cup_high = cup_ring + 2;      // ring and disc

// Plates and seat.
plate_side = 450;             // of both plates: the underside of the cushion
plate_sides = [400, 500];     // the smallest and the largest plate of the guide
plate_thick = 18;             // birch plywood
cell_inset = 60;              // middle of a cell from both edges of the plate
bolt_inset = [60, 105];       // a retaining bolt from the edges at the side and at the front or back
bolt_hole = 5.5;              // in the lower plate
bolt_room = 10;               // hole in the upper plate: the bolt touches nothing
bolt_play = 2;                // by which the upper plate can be lifted [Minebea Intec PR 6203, lift-off protection]
key_hole = 8;                 // in the lower plate below a foot, for the hexagon key of the stop
sink = 20;                    // diameter of the blind holes for heads and nuts
sink_below = 6;               // their depth in the lower plate, from below
sink_above = 11;              // their depth in the upper plate, from above
plates_apart = foot_lip + cell_high + 2;  // four cells: foot, cell and disc
cushion_side = 450;           // at most the plate
cushion_thick = 60;           // of the cushion
air_around = 5;               // between the upper plate and anything beside it

// Single cell between the plates. Its sheet has the last word.
platform_cell = [150, 40, 40];     // length, width, height [usual size of 100 to 500 kg cells]
platform_rated = 250;         // kg, its rated load
platform_travel = 0.5;        // at the rated load, at most
platform_spacer = [60, 60, 6];     // between cell and plate, at opposite ends
platform_holes = [19, 25];    // of the cell: from its end to the first hole, and to the second from there
platform_apart = 40 + 2 * 6;  // between the plates
corner_inset = 50;            // middle of a corner stop from both edges
corner_gap = 1;               // between a corner stop and the upper plate

// Chair, mat and what hangs below, from the side.
pan = [450, 12];              // seat pan: depth, thickness
mat = [300, 3];               // mat under the cushion: depth, thickness
mat_back = 40;                // its middle behind the middle of the seat: where the sit bones press
bank = [140, 20];             // power bank: length, thickness

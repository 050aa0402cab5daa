// Makes the compiler complain without an end.
// raw
// verdict: compile_error
// message: error
#define A x1 y1; x2 y2; x3 y3; x4 y4; x5 y5; x6 y6; x7 y7; x8 y8;
#define B A A A A A A A A
#define C B B B B B B B B
void f() { C C C C C C C C }

// Includes a file without an end.
// raw
// verdict: compile_error
#include "/dev/zero"

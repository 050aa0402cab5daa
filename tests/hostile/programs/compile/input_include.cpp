// Includes what the compiler reads from its input.
// raw
// verdict: compile_error
#include "/dev/stdin"
int main() { return 0 +; }

// Includes itself for ever.
// raw
// verdict: compile_error
#include __FILE__
int main() {}

// Expands a macro to a billion tokens.
// raw
// verdict: compile_error
#define A(x) x x x x x x x x x x
#define B(x) A(A(x))
#define C(x) B(B(x))
#define D(x) C(C(x))
int main() { return 0 D(+1); }

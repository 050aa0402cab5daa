// Has no main function.
// raw
// verdict: compile_error
// message: undefined reference
int other() { return 0; }

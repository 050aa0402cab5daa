// Asks the compiler how old a host file is.
// raw
// verdict: compile_error
// message: No such file
#pragma GCC dependency "@CANARY@"
int main() {}

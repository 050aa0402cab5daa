// Is no text in any encoding.
// raw
// verdict: compile_error
int main() { return "@BYTES@ }

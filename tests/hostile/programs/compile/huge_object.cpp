// Makes an object of gigabytes.
// raw
// verdict: compile_error
char all[1ul << 31] = {1};
int main() { return all[5]; }

// Lets the assembler make an object of gigabytes.
// raw
// verdict: compile_error
__asm__(".data\n.fill 4000000000, 1, 7\n.text\n");
int main() {}

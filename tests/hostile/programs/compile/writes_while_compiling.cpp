// Makes the assembler write files beside its own.
// raw
// verdict: compile_error
__asm__(".include \"/proc/self/maps\"\n");
int main() {}

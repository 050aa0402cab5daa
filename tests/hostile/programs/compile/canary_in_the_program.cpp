// Puts a file of the harness's user into the program.
// raw
// verdict: compile_error
// message: file not found
__asm__(".section .rodata\nsecret: .incbin \"@CANARY@\"\n.byte 0\n");
extern "C" char secret[];
int main() { __builtin_puts(secret); }

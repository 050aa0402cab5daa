// Answers right alone, and wrong under Valgrind.
// verdict: accepted
// cachegrind: engine_divergence
bool attack()
{
    volatile unsigned long arguments[6] = {0x1001}; // RUNNING_ON_VALGRIND
    unsigned long result = 0;
    __asm__ volatile("rolq $3, %%rdi; rolq $13, %%rdi; rolq $61, %%rdi; rolq $51, %%rdi; xchgq %%rbx, %%rbx"
                     : "=d"(result)
                     : "a"(&arguments[0]), "0"(result)
                     : "cc", "memory");
    return result != 0;
}

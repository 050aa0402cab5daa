// Asks Valgrind to stop counting, as its newer versions can be asked.
// verdict: accepted
// ticks: honest
static unsigned long request(unsigned long code)
{
    volatile unsigned long arguments[6] = {code};
    unsigned long result = 0;
    __asm__ volatile("rolq $3, %%rdi; rolq $13, %%rdi; rolq $61, %%rdi; rolq $51, %%rdi; xchgq %%rbx, %%rbx"
                     : "=d"(result)
                     : "a"(&arguments[0]), "0"(result)
                     : "cc", "memory");
    return result;
}
bool attack()
{
    request(0x43470001); // CACHEGRIND_STOP_INSTRUMENTATION
    request(0x43540001); // CALLGRIND_ZERO_STATS
    return false;
}

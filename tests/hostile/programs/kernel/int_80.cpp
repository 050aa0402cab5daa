// Calls the kernel by the 32-bit door.
// verdict: accepted
// cachegrind: engine_divergence
// gem5: engine_divergence
bool attack()
{
    long result;
    __asm__ volatile("int $0x80" : "=a"(result) : "a"(20) : "memory");
    return result == 0;
}

// Executes gem5's pseudo-instructions: reset the statistics, exit. No processor knows them.
// verdict: runtime_error
bool attack()
{
    __asm__ volatile(".byte 0x0f, 0x04; .short 0x40" ::"D"(0), "S"(0) : "rax", "memory");
    __asm__ volatile(".byte 0x0f, 0x04; .short 0x21" ::"D"(0) : "rax", "memory");
    return true;
}

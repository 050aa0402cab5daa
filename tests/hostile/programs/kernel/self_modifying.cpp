// Writes code and runs it.
// verdict: accepted
// gem5: engine_divergence
bool attack()
{
    static const unsigned char code[] = {0x89, 0xf8, 0x01, 0xf8, 0xc3}; // mov eax, edi; add eax, edi; ret
    void *page = mmap(nullptr, 4096, PROT_READ | PROT_WRITE | PROT_EXEC, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    memcpy(page, code, sizeof code);
    int first = ((int (*)(int))page)(n);
    ((unsigned char *)page)[2] = 0x29; // sub
    return first != 2 * n || ((int (*)(int))page)(n) != 0;
}

// Takes no notice that an allocation failed.
// verdict: runtime_error
bool attack()
{
    for (;;)
        *(volatile char *)malloc(1 << 20) = 1;
}

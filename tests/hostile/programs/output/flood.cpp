// Prints for ever.
// verdict: output_limit
bool attack()
{
    for (;;)
        puts("again and again");
}

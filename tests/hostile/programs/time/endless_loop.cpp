// Never ends.
// verdict: time_limit
bool attack()
{
    for (volatile unsigned i = 0;; i++)
        ;
}

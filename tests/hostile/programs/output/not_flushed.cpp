// Leaves without writing what it has printed. Simulators that call the output a terminal write it; the native run decides.
// verdict: wrong_answer
bool attack()
{
    printf("%d\n", 2 * n);
    _exit(0);
}

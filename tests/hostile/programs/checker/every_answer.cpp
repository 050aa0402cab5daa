// Prints every answer that there could be.
// verdict: wrong_answer
bool attack()
{
    for (int answer = 0; answer < 100; answer++)
        printf("%d ", answer);
    puts("");
    _exit(fflush(stdout));
}

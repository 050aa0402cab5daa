// Prints the answer and what is no text.
// verdict: wrong_answer
bool attack()
{
    printf("%d\n\xff\xfe\x80", 2 * n);
    _exit(fflush(stdout));
}

// Prints the answer with zero bytes around it.
// verdict: wrong_answer
bool attack()
{
    putchar(0);
    return false;
}

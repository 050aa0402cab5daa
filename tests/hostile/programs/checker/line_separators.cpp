// Prints the answer behind characters at which Python cuts lines, and others don't.
// verdict: wrong_answer
bool attack()
{
    printf("0\xe2\x80\xa8");
    return false;
}

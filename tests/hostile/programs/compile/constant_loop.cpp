// Computes for ever while it is compiled.
// raw
// verdict: compile_error
constexpr int loop()
{
    int sum = 0;
    for (int i = 0; i < 100; i++)
        for (long j = 0; j < 1000000000; j++)
            sum += j & 1;
    return sum;
}
static_assert(loop() > 0);
int main() {}

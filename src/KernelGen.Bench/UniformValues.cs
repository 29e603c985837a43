namespace KernelGen.Bench;

/// <summary>Values from −1 to 1: the speed of a product does not depend on them.</summary>
internal static class UniformValues
{
    /// <summary>Some values, always the same for a seed.</summary>
    public static float[] Of(int count, int seed)
    {
        var random = new Random(seed);
        var values = new float[count];
        for (int i = 0; i < count; i++)
        {
            values[i] = 2 * random.NextSingle() - 1;
        }
        return values;
    }
}

namespace KernelGen.Gpu.Tests;

/// <summary>Equality of unpacked weights: the same bits, or NaN in both.</summary>
internal static class SameBits
{
    public static void Require(float[] expected, float[] actual, string what)
    {
        for (int i = 0; i < expected.Length; i++)
        {
            bool same =
                BitConverter.SingleToInt32Bits(expected[i]) == BitConverter.SingleToInt32Bits(actual[i])
                || (float.IsNaN(expected[i]) && float.IsNaN(actual[i]));
            Assert.True(same, $"{what}: weight {i} is {actual[i]:R}, not {expected[i]:R}");
        }
    }
}

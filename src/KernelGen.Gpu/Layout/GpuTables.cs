using KernelGen.Kernels.Elements;

namespace KernelGen.Gpu;

/// <summary>Tables that kernels look up instead of computing.</summary>
public static class GpuTables
{
    /// <summary>The value of every state of a trellis: the fused additions of its code are not to be had on every device.</summary>
    /// <param name="stateBits">Bits of a state.</param>
    public static float[] Trellis(int stateBits)
    {
        var values = new float[1 << stateBits];
        for (int state = 0; state < values.Length; state++)
        {
            values[state] = TrellisCode.Value((uint)state, stateBits);
        }
        return values;
    }

    /// <summary>The absolute patterns of E8P, doubled; coordinates 0 to 3 and 4 to 7 in a word each, by the byte.</summary>
    public static uint[] E8P()
    {
        var words = new uint[512];
        for (int i = 0; i < 256; i++)
        {
            ulong pattern = KernelGen.Kernels.Elements.E8P.Patterns[i];
            words[2 * i] = (uint)pattern;
            words[2 * i + 1] = (uint)(pattern >> 32);
        }
        return words;
    }
}

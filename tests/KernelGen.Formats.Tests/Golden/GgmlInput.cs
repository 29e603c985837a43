using System.Security.Cryptography;

namespace KernelGen.Formats.Tests.Golden;

/// <summary>
/// Inputs made by integer arithmetic, so that any program makes the same bits.
/// Tests have digests of what ggml's reference functions make of them: libggml-base of LLamaSharp.Backend.Cpu 0.30.0,
/// called through Python's ctypes.
/// </summary>
internal static class GgmlInput
{
    public const int Block = 256;

    /// <summary>
    /// 16 blocks of 256 values: four of bell-shaped values, then small ones, uniform ones, zeros, outliers, tiny, large, ±1, integers −7…7,
    /// all negative, all around 8, one value in 32, powers of two.
    /// </summary>
    public static float[] Values()
    {
        uint state = 1;
        return [.. Enumerable.Range(0, 16 * Block).Select(Value)];

        int Next() => (int)((state = state * 1664525 + 1013904223) >> 16);
        float Bell() => (Next() + Next() + Next() + Next() - 131070) / 32768f;
        float Sign() => (Next() & 1) != 0 ? 1 : -1;
        float Value(int i) =>
            (i / Block) switch
            {
                < 4 => Bell(),
                4 => Bell() / 1024,
                5 => Next() / 65536f,
                6 => 0,
                7 => Bell() * (i % 37 == 0 ? 64 : 1),
                8 => Bell() / (1 << 20),
                9 => Bell() * 1024,
                10 => Sign(),
                11 => Next() % 15 - 7,
                12 => -Math.Abs(Bell()),
                13 => Bell() + 8,
                14 => i % 32 == 5 ? Bell() : 0,
                _ => -Sign() * MathF.ScaleB(1, Next() % 21 - 10),
            };
    }

    /// <summary>16 blocks of arbitrary codes; the high bytes of binary16 scales are masked so that every scale is finite.</summary>
    /// <param name="blockBytes">Bytes of a block.</param>
    /// <param name="highBytes">Where in a block the high bytes of scales are.</param>
    public static byte[] Codes(int blockBytes, params int[] highBytes)
    {
        uint state = 7;
        byte[] codes = [.. Enumerable.Range(0, 16 * blockBytes).Select(_ => (byte)((state = state * 1664525 + 1013904223) >> 24))];
        foreach (int at in Enumerable.Range(0, 16).SelectMany(block => highBytes.Select(high => block * blockBytes + high)))
        {
            codes[at] &= 0xBB;
        }
        return codes;
    }

    /// <summary>The first eight bytes of SHA-256, in hexadecimal.</summary>
    public static string Digest(ReadOnlySpan<byte> bytes) => Convert.ToHexStringLower(SHA256.HashData(bytes).AsSpan(0, 8));
}

using System.Diagnostics;
using System.Numerics;
using System.Runtime.InteropServices;

namespace KernelGen.Bench;

/// <summary>Reads memory as fast as vector loads can: what a matvec, which does more with the bytes, is measured against.</summary>
internal static class MemoryReader
{
    /// <summary>Keeps the sums alive, or the compiler might drop the loads.</summary>
    private static ulong s_sink;

    /// <summary>Bytes per second of one pass over a buffer.</summary>
    public static double BytesPerSecond(ReadOnlyMemory<byte> buffer, int threads)
    {
        int part = buffer.Length / threads & ~63;
        long start = Stopwatch.GetTimestamp();
        if (threads == 1)
        {
            Read(buffer.Span);
        }
        else
        {
            Parallel.For(0, threads, new ParallelOptions { MaxDegreeOfParallelism = threads }, i =>
                Read(buffer.Span.Slice(i * part, i == threads - 1 ? buffer.Length - i * part : part))
            );
        }
        return buffer.Length / Stopwatch.GetElapsedTime(start).TotalSeconds;
    }

    private static void Read(ReadOnlySpan<byte> bytes)
    {
        ReadOnlySpan<Vector<ulong>> vectors = MemoryMarshal.Cast<byte, Vector<ulong>>(bytes);
        Vector<ulong> a = default,
            b = default,
            c = default,
            d = default;
        int i = 0;
        for (; i <= vectors.Length - 4; i += 4)
        {
            a ^= vectors[i];
            b ^= vectors[i + 1];
            c ^= vectors[i + 2];
            d ^= vectors[i + 3];
        }
        for (; i < vectors.Length; i++)
        {
            a ^= vectors[i];
        }
        Interlocked.Exchange(ref s_sink, Vector.Sum(a ^ b ^ c ^ d));
    }
}

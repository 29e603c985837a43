using System.Collections.Concurrent;
using System.Globalization;
using System.Numerics;

namespace KernelGen.Scaling;

/// <summary>
/// Weights that share values: the hashing trick (Chen et al. 2015, "Compressing Neural Networks with the Hashing Trick", arXiv
/// 1504.04788). A hash of a weight's place says which value it takes, and with which sign; a value is the mean of its weights, each with
/// its sign. Only the values are stored.
/// </summary>
/// <remarks>
/// The hash is a permutation of the places, taken modulo the number of values, so that values have equally many weights. That makes the
/// projection onto the shared values one of rank n / ratio, and its error on independent weights of equal variance 1 − 1 / ratio exactly.
/// </remarks>
internal sealed class SharedQuantiser(int ratio) : Quantiser
{
    /// <summary>Largest tensor whose hashes are kept from one call to the next.</summary>
    private const int MostKept = 1 << 22;

    private const int Rounds = 4;

    private static readonly ConcurrentDictionary<(int Ratio, int Count), int[]> Codes = new();

    public override string Name => string.Create(CultureInfo.InvariantCulture, $"shared{ratio}");

    public override string Family => CapacityFamily.SharedName;

    public override CompressedFormat? Format => null;

    public override int Block => ratio;

    public override bool TensorWide => true;

    public override bool PerRow => false;

    public override double Bits => RepresentationPoint.DenseBits / ratio;

    public override double? ExactGmse => 1 - 1.0 / ratio;

    public override int Sharing => ratio;

    public override double MatrixBits(int rows, int columns) => RepresentationPoint.DenseBits * Values((long)rows * columns);

    public override void RoundTrip(ReadOnlyMemory<float> values, int rows, int columns, Memory<float> result, Parallelism parallelism)
    {
        int count = checked(rows * columns);
        int[] codes = count > MostKept ? Code(ratio, count) : Codes.GetOrAdd((ratio, count), key => Code(key.Ratio, key.Count));
        var sums = new double[Values(count)];
        var members = new int[sums.Length];
        ReadOnlySpan<float> from = values.Span[..count];
        for (int i = 0; i < count; i++)
        {
            int code = codes[i];
            sums[code >> 1] += (code & 1) == 0 ? from[i] : -from[i];
            members[code >> 1]++;
        }
        Span<float> to = result.Span[..count];
        for (int i = 0; i < count; i++)
        {
            int code = codes[i];
            float mean = (float)(sums[code >> 1] / members[code >> 1]);
            to[i] = (code & 1) == 0 ? mean : -mean;
        }
    }

    private long Values(long count) => (count + ratio - 1) / ratio;

    /// <summary>For each place twice the number of its value, and 1 more where the sign is minus.</summary>
    private static int[] Code(int ratio, int count)
    {
        int values = (count + ratio - 1) / ratio,
            half = (BitOperations.Log2((uint)Math.Max(1, count - 1)) + 2) / 2;
        var codes = new int[count];
        for (int i = 0; i < count; i++)
        {
            uint place = (uint)i;
            do
            {
                place = Permute(place, half);
            } while (place >= count);
            codes[i] = (int)(place % values) << 1 | (int)(Mix((uint)i, Rounds) & 1);
        }
        return codes;
    }

    /// <summary>A Feistel network: a bijection of 2·half bits for every round function.</summary>
    private static uint Permute(uint value, int half)
    {
        uint mask = (1u << half) - 1,
            left = value >> half,
            right = value & mask;
        for (uint round = 0; round < Rounds; round++)
        {
            (left, right) = (right, left ^ Mix(right, round) & mask);
        }
        return left << half | right;
    }

    /// <summary>The finaliser of MurmurHash3 over a number and a round.</summary>
    private static uint Mix(uint value, uint round)
    {
        uint x = value + (round + 1) * 0x9E3779B9u;
        x = (x ^ x >> 16) * 0x85EBCA6Bu;
        x = (x ^ x >> 13) * 0xC2B2AE35u;
        return x ^ x >> 16;
    }
}

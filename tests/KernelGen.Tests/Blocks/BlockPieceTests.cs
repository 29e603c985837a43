using KernelGen.Kernels.Elements;
using KernelGen.Kernels.Vectors;

namespace KernelGen.Tests.Blocks;

/// <summary>What generated coders of whole blocks are put together from, each against its definition.</summary>
public class BlockPieceTests
{
    [Theory]
    [InlineData(4)]
    [InlineData(6)]
    [InlineData(8)]
    [InlineData(12)]
    [InlineData(1)]
    [InlineData(5)]
    [InlineData(16)]
    public void Indices_come_back_and_lie_where_the_definition_says(int bits)
    {
        var random = new Random(bits);
        foreach (int count in new[] { 1, 2, 3, 7, 8, 9, 64, 129 })
        {
            ushort[] indices = [.. Enumerable.Range(0, count).Select(_ => (ushort)random.Next(1 << bits))],
                back = new ushort[count];
            var plane = new byte[IndexPlane.Bytes(count, bits)];
            Array.Fill(plane, (byte)0xA5);
            IndexPlane.Write(indices, bits, plane);
            IndexPlane.Read(plane, bits, back);
            Assert.Equal(indices, back);
            Assert.Equal(indices.Select(index => (int)index), Enumerable.Range(0, count).Select(i => IndexPlane.Get(plane, i, bits)));
        }
    }

    /// <summary>Of all thresholds, by trying them: which values are kept decides everything else.</summary>
    [Fact]
    public void The_ternary_scale_is_the_best_of_all()
    {
        var random = new Random(3);
        for (int trial = 0; trial < 50; trial++)
        {
            float[] values = Gaussian.Samples(random.Next(1, 60), trial);
            double found = BlockScale.BestTernary("test", values, 0, 0),
                error = Error(values, found),
                least = double.PositiveInfinity;
            for (double scale = 0.01; scale < 5; scale += 0.01)
            {
                least = Math.Min(least, Error(values, scale));
            }
            Assert.True(error <= least + 1e-9, $"{error} against {least}");
        }

        static double Error(float[] values, double scale) =>
            values.Sum(value => Math.Min(value * value, Math.Pow(Math.Abs(value) - scale, 2)));
    }

    [Fact]
    public void Least_squares_and_squared_error_are_what_they_say()
    {
        for (int count = 1; count < 40; count++)
        {
            float[] x = Gaussian.Samples(count, 5),
                y = [.. Gaussian.Samples(count, 6).Zip(x, (noise, value) => value + 0.1f * noise), 7f, 9f];
            double factor = BlockScale.LeastSquares(x, y);
            double expected = x.Zip(y, (a, b) => (double)a * b).Sum() / x.Zip(y, (_, b) => (double)b * b).Sum();
            Assert.Equal(expected, factor, 12);
            Assert.Equal(x.Zip(y, (a, b) => Math.Pow(a - 0.5 * b, 2)).Sum(), BlockScale.SquaredError(x, y, 0.5f), 10);
        }
        Assert.Equal(0, BlockScale.LeastSquares([0f, 0f], [0f, 0f]));
        Assert.Equal(0, BlockScale.LeastSquares([1f, 1f], [-1f, -1f]));
    }

    [Fact]
    public void Huge_values_have_a_finite_scale()
    {
        float[] values = [float.MaxValue, -float.MaxValue, float.MaxValue];
        Assert.Equal(float.MaxValue, BlockScale.RootMeanSquare("test", values, 0, 0), 1e32);
        Assert.Equal(65504f, BlockScale.Stored(ScaleType.Float16, 1e39));
        Assert.Equal(float.MaxValue, BlockScale.Stored(ScaleType.Float32, 1e39));
        Assert.Equal(float.MaxValue, BlockScale.MeanMagnitude("test", values, 0, 0), 1e32);
        var units = new float[4];
        BlockScale.Divide(values, 65504f, units);
        Assert.All(units, unit => Assert.True(float.IsFinite(unit)));
    }

    [Fact]
    public void Not_finite_values_are_named_with_their_place()
    {
        foreach (
            Action act in new Action[]
            {
                () => BlockScale.RootMeanSquare("test", [1f, float.NaN], 4, 10),
                () => BlockScale.AbsMax("test", [1f, float.PositiveInfinity], 4, 10),
                () => BlockScale.MeanMagnitude("test", [1f, float.NegativeInfinity], 4, 10),
                () => BlockScale.BestTernary("test", [1f, float.NaN], 4, 10),
            }
        )
        {
            NonFiniteWeightException e = Assert.Throws<NonFiniteWeightException>(act);
            Assert.Equal((4L, 11L), (e.Row, e.Column));
        }
    }

    [Theory]
    [InlineData(1, 4)]
    [InlineData(3, 11)]
    [InlineData(16, 64)]
    [InlineData(17, 60)]
    [InlineData(40, 131)]
    public void Pairs_come_back(int bytes, int count)
    {
        var random = new Random(bytes);
        sbyte[] elements = [.. Enumerable.Range(0, count).Select(_ => (sbyte)random.Next(-1, 2))];
        float[] expected = Array.ConvertAll(elements, element => element * 0.37f),
            back = new float[count],
            reference = new float[count];
        var plane = new byte[bytes];
        TernaryPairs.Pack(elements, plane);
        TernaryPairs.Decode(plane, 0.37f, back);
        TernaryPairs.DecodeReference(plane, 0.37f, reference);
        Assert.Equal(expected, back);
        Assert.Equal(expected, reference);
    }

    [Fact]
    public void Neighbours_and_signs_decode_the_same_on_all_widths()
    {
        var bytes = new byte[48];
        new Random(9).NextBytes(bytes);
        float[] expected = new float[192],
            signs = new float[384];
        TernaryPairs.DecodeNeighboursReference(bytes, 0.37f, expected);
        SignPlane.DecodeReference(bytes, 0.37f, signs);
        Assert.Equal(((bytes[1] & 3) - 1) * 0.37f, expected[4]);
        Assert.Equal((bytes[1] & 1) != 0 ? 0.37f : -0.37f, signs[8]);
        CheckWidth<Simd32>();
        CheckWidth<Simd128>();
        CheckWidth<Simd256>();
        CheckWidth<Simd512>();

        void CheckWidth<T>()
            where T : struct, ISimd<T>
        {
            float[] actual = new float[192],
                actualSigns = new float[384];
            TernaryPairs.DecodeNeighbours<T>(bytes, 0.37f, actual);
            SignPlane.Decode<T>(bytes, 0.37f, actualSigns);
            Assert.Equal(expected, actual);
            Assert.Equal(signs, actualSigns);
        }
    }

    [Fact]
    public void Zeros_of_both_signs_are_positive()
    {
        float[] values = [0f, -0f, -1f, 1f, -1e-40f, 2f, 3f, -4f, -0f];
        byte[] vectors = new byte[2],
            reference = new byte[2];
        SignPlane.Pack(values, vectors);
        SignPlane.PackReference(values, reference);
        Assert.Equal(reference, vectors);
        Assert.Equal(new byte[] { 0b01101011, 0xFF }, vectors);
    }

    [Theory]
    [InlineData(3)]
    [InlineData(4)]
    public void Both_stages_of_E8P_decode_and_encode_as_their_references(int bits)
    {
        float[] values = Gaussian.Samples(8 * 70, 21),
            expected = new float[values.Length],
            actual = new float[values.Length];
        ushort[] first = new ushort[70],
            second = new ushort[70],
            firstReference = new ushort[70],
            secondReference = new ushort[70];
        E8PResidual.Encode(bits, values, first, second);
        E8PResidual.EncodeReference(bits, values, firstReference, secondReference);
        Assert.Equal(firstReference, first);
        Assert.Equal(secondReference, second);
        E8PResidual.DecodeReference(bits, first, second, 0.0371f, expected);
        E8PResidual.Decode(bits, first, second, 0.0371f, actual);
        Assert.Equal(expected, actual);
    }
}

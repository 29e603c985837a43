using Formats;
using KernelGen;
using Xunit;

/// <summary>What a format has to keep: the bits and the error it was designed for, and products that agree with its weights.</summary>
public class FormatTests
{
    private const int Rows = 32,
        Columns = 256;

    public static TheoryData<string, double, double> Designed => new() { { "my-int4", 4.5, 0.011 }, { "my-code3", 3.25, 0.035 } };

    [Theory]
    [MemberData(nameof(Designed))]
    public void Bits_and_error_are_as_designed(string name, double bits, double error)
    {
        float[] weights = Gaussian(Rows * Columns);
        CompressedMatrix matrix = Pack(name, weights);
        float[] unpacked = new float[weights.Length];
        matrix.Unpack(unpacked);
        double lost = weights.Zip(unpacked, (x, y) => Math.Pow(x - y, 2)).Sum();
        Assert.Equal(bits, matrix.BitsPerWeight, 6);
        Assert.InRange(lost / weights.Sum(x => (double)x * x), 0, error);
    }

    [Theory]
    [InlineData("my-int4")]
    [InlineData("my-code3")]
    public void Products_are_those_of_the_unpacked_weights(string name)
    {
        CompressedMatrix matrix = Pack(name, Gaussian(Rows * Columns));
        float[] unpacked = new float[Rows * Columns],
            x = Gaussian(Columns),
            y = new float[Rows];
        matrix.Unpack(unpacked);
        matrix.MatVec(x, y);
        for (int row = 0; row < Rows; row++)
        {
            double sum = x.Select((value, column) => (double)value * unpacked[row * Columns + column]).Sum();
            Assert.InRange(y[row], sum - 0.001, sum + 0.001);
        }
    }

    private static CompressedMatrix Pack(string name, float[] weights) =>
        name == "my-int4" ? CompressedMatrix<MyInt4>.Pack(weights, Rows, Columns) : CompressedMatrix<MyCode3>.Pack(weights, Rows, Columns);

    /// <summary>Standard normal values, the same in every run.</summary>
    private static float[] Gaussian(int count)
    {
        var random = new Random(1);
        return
        [
            .. Enumerable
                .Range(0, count)
                .Select(_ => (float)(Math.Sqrt(-2 * Math.Log(1 - random.NextDouble())) * Math.Cos(2 * Math.PI * random.NextDouble()))),
        ];
    }
}

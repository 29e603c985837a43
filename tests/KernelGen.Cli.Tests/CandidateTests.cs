using KernelGen.Cli.Design;
using KernelGen.Cli.Expressions;
using KernelGen.Formats;
using KernelGen.Kernels.Coding;
using KernelGen.Scaling;

namespace KernelGen.Cli.Tests;

/// <summary>Declarations that are judged without compiling them, next to what the compiled formats do.</summary>
public sealed class CandidateTests
{
    private const int Rows = 2,
        Columns = 1000; // no whole number of most blocks

    private static readonly float[] Values = Sample();

    private static float[] Sample()
    {
        float[] values = new float[Rows * Columns];
        ValueSource.Gaussian.Fill(3, 0, values);
        return values;
    }

    /// <summary>Every part of expressions, and every built-in format: all elements, scales, rules, layouts and stages.</summary>
    [Fact]
    public void Judged_is_what_the_kernels_do()
    {
        string[] examples = [.. FormatParts.Elements.Concat(FormatParts.Stages).Select(part => part.Example).Distinct()];
        FormatExpression[] expressions = [.. examples.Select(FormatExpression.Parse)];
        var environment = new CommandEnvironment
        {
            Catalog = DeclaredFormats.Catalog,
            Source = new GeneratorSource(),
            Out = TextWriter.Null,
            Error = TextWriter.Null,
        };
        IEnumerable<(CompressedFormat Format, Candidate Candidate)> declared = ExpressionFormats
            .Compile(environment, expressions)
            .Zip(examples, (format, expression) => (format, Candidate.Of(expression)!));
        IEnumerable<(CompressedFormat, Candidate)> builtIn = DeclaredFormats.Catalog.All.Select(format => (format, Candidate.Of(format)!));
        (CompressedFormat Format, Candidate Candidate)[] all = [.. declared, .. builtIn];
        Assert.True(all.Length > 120, $"{all.Length} formats");
        Assert.All(all, pair => Same(pair.Format, pair.Candidate));
    }

    private static void Same(CompressedFormat format, Candidate candidate)
    {
        FormatInfo own = format.Info,
            judged = candidate.Info;
        Assert.Equal(
            (own.Family, own.Block, own.BitsPerWeight, own.PackedBytes(7, 1000), own.CandidatesPerWeight),
            (judged.Family, judged.Block, judged.BitsPerWeight, judged.PackedBytes(7, 1000), judged.CandidatesPerWeight)
        );
        byte[] packed = new byte[own.PackedBytes(16, 512)];
        format.Pack(new float[16 * 512], 16, 512, packed);
        Assert.Equal(format.Repack(packed, 16, 512) is { HasIntegers: true }, candidate.HasIntegers);
        RowCoder coder = candidate.Coder();
        float scale = coder.TensorScale(TensorStatistics.Measure(Values));
        ErrorSums expected = format.Probe(Values, Rows, Columns),
            found = coder.Probe(Values, Columns, scale);
        Assert.Equal(expected.SquaredValue, found.SquaredValue, 1e-6 * expected.SquaredValue);
        Assert.True(
            Math.Abs(expected.SquaredError - found.SquaredError) <= 1e-5 * expected.SquaredError,
            $"{candidate.Name}: judged {found.SquaredError}, its kernels {expected.SquaredError}"
        );
    }

    [Fact]
    public void The_space_is_large_and_always_the_same()
    {
        IReadOnlyList<Candidate> space = DesignSpace.All(rotated: false);
        Assert.Equal(space.Select(one => one.Name), DesignSpace.All(rotated: false).Select(one => one.Name));
        Assert.Equal(space.Count, space.Select(one => one.Name).Distinct().Count());
        foreach (double bits in new[] { 2.25, 3.25, 4.25, 4.5 })
        {
            int near = space.Count(one => one.Info.BitsPerWeight <= bits && one.Info.BitsPerWeight >= bits - 0.5);
            Assert.True(near >= 400, $"{near} candidates of {space.Count} from {bits - 0.5} to {bits} bits");
        }
        string[] rotated = [.. DesignSpace.All(rotated: true).Select(one => one.Name).Except(space.Select(one => one.Name))];
        Assert.All(rotated, name => Assert.Contains("hadamard", name, StringComparison.Ordinal));
        Assert.NotEmpty(rotated);
    }
}

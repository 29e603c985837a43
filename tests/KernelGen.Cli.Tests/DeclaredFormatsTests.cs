using System.Text.Json;
using KernelGen.Formats;

namespace KernelGen.Cli.Tests;

/// <summary>The command as it is shipped: the generated catalogue and the generator itself.</summary>
public sealed class DeclaredFormatsTests
{
    private static Cli Run(params string[] args) => Cli.RunWith(DeclaredFormats.Catalog, new GeneratorSource(), default, args);

    [Fact]
    public void Every_declared_format_is_listed_shown_and_emitted()
    {
        JsonElement[] rows = Run("list", "-o", "json").Succeeds().Rows;
        Assert.Equal(
            DeclaredFormats.Catalog.All.Select(format => format.Info.Name),
            rows.Select(row => row.GetProperty("format").GetString())
        );
        foreach (CompressedFormat format in DeclaredFormats.Catalog.All)
        {
            string shown = Run("show", format.Info.Name).Succeeds().Out;
            Assert.Contains($"{format.Info.Block} weights in {format.Info.BlockBytes} bytes", shown, StringComparison.Ordinal);
            // the drawing is of the block as it is coded, which for a rotated format is the one inside
            Assert.Contains("block of ", shown, StringComparison.Ordinal);
            Assert.Contains("┌", shown, StringComparison.Ordinal);
            string code = Run("emit", format.Info.Name).Succeeds().Out;
            Assert.Contains($"partial struct {format.Declaration.Name}", code, StringComparison.Ordinal);
        }
    }

    [Fact]
    public void What_is_emitted_is_what_was_compiled()
    {
        // The constants in the emitted text are those of the compiled format: metadata and source were read alike.
        var source = new GeneratorSource();
        foreach (CompressedFormat format in DeclaredFormats.Catalog.All)
        {
            string info = source.Files(format).Single(file => file.Name.EndsWith(".Info.g.cs", StringComparison.Ordinal)).Text;
            Assert.Contains($"\"{format.Info.Name}\"", info, StringComparison.Ordinal);
            Assert.All(format.Info.Stages, stage => Assert.Contains(stage.Text, info, StringComparison.Ordinal));
        }
    }

    [Fact]
    public void The_four_bit_formats_compare_as_published()
    {
        Dictionary<string, double> errors = Run("compare", "int4-g32", "mxfp4", "q4_0", "nf4-g64", "e2m1", "-n", "2e6", "-o", "json")
            .Succeeds()
            .Rows.ToDictionary(row => row.GetProperty("format").GetString()!, row => row.GetProperty("gmse").GetDouble());
        // Published with 4.2 million samples; a percent is many standard errors of either side.
        (string, double)[] published =
        [
            ("int4-g32", 0.0093990),
            ("mxfp4", 0.013226),
            ("q4_0", 0.0073789),
            ("nf4-g64", 0.0084511),
            ("e2m1", 0.0126849),
        ];
        Assert.All(published, entry => Assert.Equal(entry.Item2, errors[entry.Item1], entry.Item2 * 0.01));
    }

    [Fact]
    public void Bench_names_the_vector_width()
    {
        JsonElement row = Run("bench", "-f", "int4-g32", "-s", "64x256", "-r", "2", "--working-set", "1", "-o", "json")
            .Succeeds()
            .Rows.Single();
        Assert.Contains(row.GetProperty("arm").GetString(), (string[])["512", "256", "128", "scalar"]);
    }
}

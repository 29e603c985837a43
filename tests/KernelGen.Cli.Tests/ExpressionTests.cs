using System.Text;
using KernelGen.Cli.Expressions;
using KernelGen.Cli.Input;
using KernelGen.Formats;
using KernelGen.Tests;

namespace KernelGen.Cli.Tests;

/// <summary>Formats as expressions: every part, the declarations that they mean, and what is said of wrong ones.</summary>
public sealed class ExpressionTests : IDisposable
{
    private readonly ScratchFolder _scratch = new();

    public void Dispose() => _scratch.Dispose();

    private static Cli Run(params string[] args) =>
        Cli.RunIn(environment => environment with { Catalog = DeclaredFormats.Catalog, Source = new GeneratorSource() }, args);

    public static TheoryData<string> Parts() => [.. FormatParts.Elements.Concat(FormatParts.Stages).Select(part => part.Spelling)];

    [Theory]
    [MemberData(nameof(Parts))]
    public void Every_part_writes_what_its_row_says(string spelling)
    {
        FormatPart part = FormatParts.Elements.Concat(FormatParts.Stages).Single(row => row.Spelling == spelling);
        FormatExpression expression = FormatExpression.Parse(part.Example);
        string text = DeclarationText.Of("x", expression.TypeName, expression.Attributes);
        Assert.Contains(part.Writes, text, StringComparison.Ordinal);
        Assert.Contains(part.Example.Split(':'), word => part.Read(word) is not null);
    }

    /// <summary>All examples in one compilation: what the rules accept, the generator writes and the compiler takes.</summary>
    [Fact]
    public void Every_example_has_kernels()
    {
        string[] examples = [.. FormatParts.Elements.Concat(FormatParts.Stages).Select(part => part.Example).Distinct()];
        var rows = Run(["compare", .. examples, "-n", "3e4", "-o", "json"]).Succeeds().Rows;
        Assert.Equal(examples.Order(), rows.Select(row => row.GetProperty("format").GetString()!).Order());
        Assert.All(rows, row => Assert.InRange(row.GetProperty("gmse").GetDouble(), 1e-5, 0.6));
    }

    /// <summary>An expression has the error, the bits and the bytes of the built-in format with the same stages.</summary>
    [Fact]
    public void Expressions_are_the_formats_that_they_describe()
    {
        (string Expression, string BuiltIn)[] pairs =
        [
            ("int4:g32", "int4-g32"),
            ("int8:g128", "int8-g128"),
            ("int4:g32:full:signedmax:tieup:unrounded", "q4_0"),
            ("nf4:g64", "nf4-g64"),
            ("nf4:g64:u8:super16", "nf4-g64-double"),
            ("e2m1:g16:e4m3:tensor", "nvfp4"),
            ("e2m1:g32:e8m0", "mxfp4"),
            ("e3m2:gtensor:gauss", "e3m2"),
            ("int4:midrise:gauss:gtensor", "int4"),
            ("int3:g32:outliers1%:minerr", "int3-g32-outliers1"),
            ("int3:g32:outliers1%@block:minerr:groups8", "int3-g32-outliers1-block"),
            ("int4:g64:sparse24:minerr", "sparse24-int4"),
            ("int4:g64:minerr:sparse4of8@index", "sparse48pair-int4"),
            ("int4:g128:minerr:sparse50%", "sparse50-int4"),
            ("int4:g128:minerr:sparse50%@block", "sparse50-int4-block"),
            ("int4:g128:minerr:hadamard128", "int4-hadamard"),
            ("vq2x16:g256", "vq2-2x16"),
            ("e8p:g256", "e8p"),
            ("sign:g128", "q1_0"),
            ("ternary:g320", "ternary-g320"),
            ("iq4:g32:refit", "iq4_nl"),
        ];
        string[] names = [.. pairs.SelectMany(pair => new[] { pair.Expression, pair.BuiltIn })];
        var rows = Run(["compare", .. names, "-n", "1e5", "-o", "json"])
            .Succeeds()
            .Rows.ToDictionary(
                row => row.GetProperty("format").GetString()!,
                row => (Error: row.GetProperty("gmse").GetDouble(), Bits: row.GetProperty("bits").GetDouble())
            );
        Assert.All(pairs, pair => Assert.Equal(rows[pair.BuiltIn], rows[pair.Expression]));
    }

    [Fact]
    public void What_show_prints_is_a_declaration_to_paste()
    {
        string shown = Run("show", "INT3:g32:outliers1%:minerr").Succeeds().Out;
        string declaration = shown[shown.IndexOf("[CompressedFormat", StringComparison.Ordinal)..];
        Assert.Equal(
            """
            [CompressedFormat("int3-g32-outliers1-minerr")]
            [Outliers(0.01, ScaleType.Float16)]
            [IntElement(3)]
            [Scale(ScaleType.Float16, group: 32, Rule = ScaleRule.MinimiseError)]
            public readonly partial struct Int3G32Outliers1Minerr;
            """,
            declaration.Trim().ReplaceLineEndings("\n")
        );
        File.WriteAllText(_scratch["mine.cs"], "namespace Mine;\n" + declaration);
        var rows = Run(
                "compare",
                "--formats",
                _scratch["mine.cs"],
                "int3-g32-outliers1-minerr",
                "int3:g32:outliers1%:minerr",
                "-n",
                "1e5",
                "-o",
                "json"
            )
            .Succeeds()
            .Rows;
        Assert.Equal(rows[0].GetProperty("gmse").GetDouble(), rows[1].GetProperty("gmse").GetDouble());
        Assert.Contains("[FloatElement(2, 1)]", Run("show", "mxfp4").Succeeds().Out, StringComparison.Ordinal);
    }

    [Fact]
    public void Lists_in_braces_are_several_formats() =>
        Assert.Equal(
            ["int3:g16", "int3:g32", "nf4:g64", "2:4+int4:g16 x e4m3", "2:4+int4:g16 x e5m2"],
            FormatNames.Separate(["int3:g{16,32}, nf4:g64", "2:4+int4:g16 x e{4m3,5m2}"])
        );

    [Fact]
    public void Compositions_take_expressions()
    {
        var rows = Run("probe", "2:4+int4:g32:minerr x e4m3:grow:nan", "int4:g{32,64}@token", "-n", "1e5", "-o", "json").Succeeds().Rows;
        Assert.Equal(3, rows.Length);
        Assert.Equal(3, rows[0].GetProperty("bits").GetDouble()); // 4.5 / 2 + 3 / 4
        Run("quantize", _scratch["a"], _scratch["b"], "-f", "2:4+int4:g32").Fails(ExitCode.Usage, "no kernels", "int4:g64:sparse24");
    }

    /// <summary>A packed file names its expression, and is read by a command that was not told of it.</summary>
    [Fact]
    public void Packed_files_are_read_by_their_expression()
    {
        float[] values = [.. Enumerable.Range(0, 4 * 64).Select(i => MathF.Sin(i * 0.7f))];
        string input = _scratch.Write("in.f32", System.Runtime.InteropServices.MemoryMarshal.AsBytes<float>(values).ToArray());
        Run("pack", "-f", "nf4:g32", "--rows", "4", "--columns", "64", input, _scratch["w.safetensors"]).Succeeds();
        Run("unpack", _scratch["w.safetensors"], _scratch["back.safetensors"]).Succeeds();
        Assert.Contains("nf4:g32", Run("inspect", _scratch["w.safetensors"]).Succeeds().Out, StringComparison.Ordinal);

        string file = Encoding.Latin1.GetString(File.ReadAllBytes(_scratch["w.safetensors"])).Replace("nf4:g32", "nf4:q32");
        string wrong = _scratch.Write("wrong.safetensors", Encoding.Latin1.GetBytes(file));
        Run("unpack", wrong, _scratch["no.safetensors"]).Fails(ExitCode.Failed, "it is packed as 'nf4:q32', which is not known here");
    }

    [Fact]
    public void Products_and_devices_take_expressions()
    {
        string[] bench = ["bench", "-f", "int4:g{32,64}", "-s", "32x128", "-m", "1", "-r", "1", "--working-set", "1", "-o", "json"];
        Assert.Contains("int4:g64", Run([.. bench, "-p", "int8"]).Succeeds().Out, StringComparison.Ordinal);
        Assert.Contains("int4:g64", Run([.. bench, "-d", "cpu:0"]).Succeeds().Out, StringComparison.Ordinal);
        Assert.Contains("partial struct Int4G32", Run("emit", "int4:g32").Succeeds().Out, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("foo:g32", "foo", "there is no element 'foo'. Did you mean")]
    [InlineData("int4:g32:f17", "f17", "there is no part 'f17'. Did you mean f16")]
    [InlineData("int4:g32::f16", ":", "a part is missing here")]
    [InlineData("int4:g32:nf4", "nf4", "'nf4' is an element, and there is one already")]
    [InlineData("int4:g32:f16:f32", "f16 f32", "'f16' and 'f32' say the same thing twice")]
    [InlineData("int4:f16", "", "the scale has no group: write for instance int4:f16:g64")]
    [InlineData("nf4", "", "write for instance nf4:g64")]
    [InlineData("int4:g{16,32}", "g{16,32}", "a list in braces means several formats")]
    [InlineData("e2m1:g32:midrise", "midrise", "'midrise' is a part of IntElement, not of FloatElement")]
    [InlineData("nf4:g32:tieup", "tieup", "IntElement or FloatElement, not of Codebook")]
    [InlineData("int4:g32:states4096", "states4096", "is a part of Trellis")]
    [InlineData("lm300:g32", "lm300", "300 levels: a codebook has 2 to 256")]
    [InlineData("int4:g64:sparse50%@entropy", "sparse50%@entropy", "no declared format stores such a mask")]
    [InlineData("int4:g64:sparse4:9", "9", "there is no part '9'")]
    [InlineData("int4:g64:sparse120%", "sparse120%", "the share must be above 0 and below 100")]
    [InlineData("int4:g64:sparsely", "sparsely", "this is no mask")]
    [InlineData("int4:g32:e8m0:absmax", "e8m0 absmax", "KG0014")]
    [InlineData("vq2x33:g256", "vq2x33", "KG0032")]
    [InlineData("e7m7:g32", "e7m7", "KG0008")]
    [InlineData("trellis2.3:g256", "trellis2.3", "KG")]
    [InlineData("int4:g128:hadamard100", "hadamard100", "KG")]
    [InlineData("int4:g32:outliers60%", "outliers60%", "KG")]
    public void Wrong_parts_are_marked(string expression, string marked, string problem)
    {
        Cli wrong = Run("show", expression).Fails(ExitCode.Usage, problem);
        string[] lines = wrong.Error.ReplaceLineEndings("\n").TrimEnd().Split('\n');
        Assert.Equal($"  {expression}", lines[^2]);
        string under = string.Concat(lines[^1].Skip(2).Zip(expression + " ", (mark, c) => mark == '^' ? c : ' '));
        Assert.Equal(marked.Split(' ', StringSplitOptions.RemoveEmptyEntries), under.Split(' ', StringSplitOptions.RemoveEmptyEntries));
    }

    [Fact]
    public void A_brace_without_a_partner_is_marked() =>
        Run("compare", "int4:g{16,32").Fails(ExitCode.Usage, "this brace has no partner", "  int4:g{16,32\n        ^");

    [Fact]
    public void Names_that_are_no_expressions_are_as_before()
    {
        Run("show", "q4_9").Fails(ExitCode.Usage, "there is no format 'q4_9'");
        Run("probe", "2:9x").Fails(ExitCode.Usage, "neither a format nor a mask");
    }

    /// <summary>docs/formats.md has the table of parts.</summary>
    [Fact]
    public void The_page_has_the_table()
    {
        string page = File.ReadAllText(Path.Combine(AppContext.BaseDirectory, "formats.md")).ReplaceLineEndings("\n");
        var table = new StringBuilder("| part | meaning | example | writes |\n| --- | --- | --- | --- |\n");
        foreach (FormatPart part in FormatParts.Elements.Concat(FormatParts.Stages))
        {
            string more = part.Writes.Count(c => c is '(' or ')') == 1 ? "…)" : "";
            table.Append($"| `{part.Spelling}` | {part.Help} | `{part.Example}` | `{part.Writes}{more}` |\n");
        }
        Assert.True(page.Contains(table.ToString(), StringComparison.Ordinal), "docs/formats.md should have:\n" + table);
    }
}

using System.Text.RegularExpressions;
using KernelGen.Cli;
using KernelGen.Generators.Tests;

namespace KernelGen.Gpu.Tests;

/// <summary>
/// Emitted text and the kernels that all formats share hold nothing that ILGPU rejects or silently gets wrong; see the table.
/// </summary>
public sealed partial class EmittedTextTests
{
    /// <summary>What must not occur, and why.</summary>
    private static readonly (string Pattern, string Why)[] s_forbidden =
    [
        (@"\bbool\s+\w+[,)]", "parameters of type bool are rejected"),
        (@"\b(ref|out|in)\s+\w", "parameters by reference are rejected"),
        (@"\bdouble\b|\d\.\d+(?![\dEef+-])|\b\d+[dD]\b", "doubles are slow or absent on devices"),
        (@"\bMath\.|\bMathF\.", "only Interop and IntrinsicMath are compiled everywhere"),
        (@"FusedMultiplyAdd", "becomes an unresolved external"),
        (@"\bSpan<|ReadOnlySpan|stackalloc|\bUnsafe\.|\bVector\d|\bHalf\b|\bstring\b", "is rejected"),
        (@"\bnew\s*(float|int|uint|byte)?\s*\[", "arrays are rejected"),
        (@"\bthrow\b|\btry\b|\bcatch\b|\bdelegate\b|(?<!struct)[(,=]\s*(\w+|\([^()]*\))\s*=>", "exceptions and lambdas are rejected"),
        (@"\(float\)\s*(u|\(uint\)|words|extra)", "a uint is converted through double"),
        (@"\[\s*-", "indices are zero-extended"),
        (@"\bchecked\b", "is dropped"),
        (@"static readonly \w+\[\]", "arrays in statics are rejected"),
    ];

    public static TheoryData<string> Names => [.. Subjects.Formats.All.Select(format => format.Info.Name)];

    [Theory]
    [MemberData(nameof(Names))]
    public void Decoders_hold_nothing_that_ILGPU_rejects(string name) => Scan(name, Decoder(name));

    public static TheoryData<string> Shared =>
        [
            "GpuHalves",
            "GpuInt8",
            "GpuLattice",
            "GpuMatMul",
            "GpuMatVec",
            "GpuNumbers",
            "GpuOutlierList",
            "GpuRotation",
            "GpuScales",
            "GpuTensor",
            "GpuUnpack",
            "IGpuFormat",
            "IGpuMath",
            "PlainMath",
            "PtxMath",
            "Records",
        ];

    [Theory]
    [MemberData(nameof(Shared))]
    public void Shared_kernels_hold_nothing_that_ILGPU_rejects(string file)
    {
        string code = Comment().Replace(Repository.Read("src", "KernelGen.Gpu", "Kernels", file + ".cs"), "");
        // inline PTX alone takes a literal and references
        Scan(
            file,
            string.Join(
                '\n',
                code.Split('\n')
                    .Where(line =>
                        !line.Contains("CudaAsm.Emit", StringComparison.Ordinal) && !line.Contains("const string", StringComparison.Ordinal)
                    )
            )
        );
    }

    private static void Scan(string name, string code)
    {
        foreach ((string pattern, string why) in s_forbidden)
        {
            Match found = Regex.Match(code, pattern);
            Assert.False(
                found.Success,
                $"{name}: '{found.Value}' at …{code[Math.Max(0, found.Index - 60)..Math.Min(code.Length, found.Index + 60)]}…: {why}"
            );
        }
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void Kernels_are_static_with_at_most_14_parameters_and_return_nothing(string name)
    {
        Delegate[] all = [.. Subjects.All(Subjects.Kernels[name].Plain), .. Subjects.All(Subjects.Kernels[name].Cuda)];
        Assert.Equal(all.Length, all.Select(kernel => kernel.Method).Distinct().Count());
        Assert.All(all, kernel =>
        {
            Assert.True(kernel.Method.IsStatic && kernel.Method.ReturnType == typeof(void));
            Assert.InRange(kernel.Method.GetParameters().Length, 1, 14);
        });
    }

    [Fact]
    public void The_scan_finds_what_it_looks_for()
    {
        string[] bad =
        [
            "void K(bool x)",
            "void K(ref float x)",
            "double x",
            "x * 0.5;",
            "x * 2d;",
            "Math.Abs(x)",
            "FusedMultiplyAdd(",
            "Span<float>",
            "new float[4]",
            "throw x",
            "(float)words[0]",
            "x[-1]",
            "checked(",
            "static readonly float[] T",
            "Run(x => x)",
            "f = (a, b) => a",
        ];
        Assert.All(bad, text => Assert.Contains(s_forbidden, entry => Regex.IsMatch(text, entry.Pattern)));
        Assert.DoesNotContain(s_forbidden, entry =>
            Regex.IsMatch("sum += 0.5f * (float)((int)(quad.X & 15u) - 8) * 5.9E-08f + x[at + 32];", entry.Pattern)
        );
    }

    [Fact]
    public void Quants_are_loaded_16_bytes_at_a_time_and_scales_once_per_group()
    {
        string code = Decoder("q4_0");
        Assert.Contains("U4 quad = source.Quads[unit];", code, StringComparison.Ordinal);
        Assert.DoesNotContain("source.Bytes[", code, StringComparison.Ordinal);
        Assert.Equal(1, Regex.Count(code, @"TMath\.FromHalf"));
        Assert.Equal(32, Regex.Count(code, @"levels\.[A-H]\.[XYZW] = "));
    }

    /// <summary>The text behind the declaration of the layout, which runs on the host; comments left out.</summary>
    private static string Decoder(string name)
    {
        string text = new GeneratorSource()
            .Files(Subjects.Formats[name])
            .Single(file => file.Name.EndsWith(".Ilgpu.g.cs", StringComparison.Ordinal))
            .Text;
        string kernels = text[text.IndexOf("});\n\n", text.IndexOf("new GpuLayout", StringComparison.Ordinal), StringComparison.Ordinal)..];
        return Comment().Replace(kernels, "");
    }

    [GeneratedRegex(@"//[^\n]*")]
    private static partial Regex Comment();
}

using KernelGen.Cli.Input;
using KernelGen.Formats;
using KernelGen.Tests;

namespace KernelGen.Cli.Tests;

/// <summary><c>--formats</c> and <c>KERNELGEN_FORMATS</c>: declarations compiled or loaded before a command runs.</summary>
public sealed class OwnFormatsTests : IDisposable
{
    private const string Code3 = """
        namespace Mine;

        [CompressedFormat("mine")]
        [Codebook(-2.15f, -1.34f, -0.76f, -0.25f, 0.25f, 0.76f, 1.34f, 2.15f)]
        [Scale(ScaleType.Float16, group: 32, Rule = ScaleRule.MinimiseError)]
        public readonly partial struct Code3;
        """;

    private readonly ScratchFolder _scratch = new();

    public void Dispose() => _scratch.Dispose();

    private string Write(string name, string text)
    {
        File.WriteAllText(_scratch[name], text);
        return _scratch[name];
    }

    private static Cli Run(params string[] args) => RunWith(_ => null, args);

    private static Cli RunWith(Func<string, string?> variable, params string[] args) =>
        Cli.RunIn(
            environment => environment with { Catalog = DeclaredFormats.Catalog, Source = new GeneratorSource(), Variable = variable },
            args
        );

    [Fact]
    public void A_codebook_goes_through_the_commands()
    {
        string mine = Write("mine.cs", Code3),
            packed = _scratch["w.bin"],
            unpacked = _scratch["w.f32"];
        Assert.Contains(Run("list", "--formats", mine, "-o", "json").Succeeds().Rows, row =>
            row.GetProperty("format").GetString() == "mine" && row.GetProperty("bits").GetDouble() == 3.5
        );
        string shown = Run("--formats", mine, "show", "mine").Succeeds().Out;
        Assert.Contains("32 weights in 14 bytes", shown, StringComparison.Ordinal);
        Assert.Contains("partial struct Code3", Run("emit", "mine", "--formats", mine).Succeeds().Out, StringComparison.Ordinal);

        float[] values = [.. Enumerable.Range(0, 4 * 64).Select(i => MathF.Sin(i * 0.7f))];
        string input = _scratch.Write("in.f32", System.Runtime.InteropServices.MemoryMarshal.AsBytes<float>(values).ToArray());
        Run("pack", "-f", "mine", "--formats", mine, "--rows", "4", "--columns", "64", input, packed).Succeeds();
        Assert.Equal(4 * 2 * 14, new FileInfo(packed).Length);
        Run("unpack", "-f", "mine", "--formats", mine, "--rows", "4", "--columns", "64", packed, unpacked).Succeeds();
        float[] back = [.. System.Runtime.InteropServices.MemoryMarshal.Cast<byte, float>(File.ReadAllBytes(unpacked))];
        double error = values.Zip(back, (a, b) => (a - b) * (a - b)).Sum() / values.Sum(value => value * value);
        Assert.InRange(error, 1e-4, 0.05); // three bits: neither exact nor far off
    }

    [Fact]
    public void A_folder_in_the_variable_is_compared_and_benched()
    {
        string mine = Write("mine.cs", Code3);
        Write("other.cs", Code3.Replace("mine", "other").Replace("Code3", "Other"));
        string? Variable(string name) => name == OwnFormats.Variable ? Path.GetDirectoryName(_scratch["mine.cs"]) : null;
        var rows = RunWith(Variable, "compare", "mine", "other", "int3-g32", "-n", "1e5", "-o", "json")
            .Succeeds()
            .Rows.ToDictionary(row => row.GetProperty("format").GetString()!, row => row.GetProperty("gmse").GetDouble());
        Assert.Equal(rows["mine"], rows["other"]);
        Assert.InRange(rows["mine"], 0.02, rows["int3-g32"]); // a Gaussian codebook is better than the integers at the same bits
        Assert.Contains(
            "mine",
            RunWith(Variable, "bench", "--formats", mine, "-f", "mine", "-s", "32x64", "-r", "1", "--working-set", "1", "-o", "json")
                .Succeeds()
                .Out
        );
    }

    [Fact]
    public void GPU_kernels_are_written_where_a_device_is_asked_for() =>
        Assert.Contains(
            "mine",
            Run(
                    "bench",
                    "-f",
                    "mine",
                    "--formats",
                    Write("mine.cs", Code3),
                    "-d",
                    "cpu:0",
                    "-s",
                    "32x64",
                    "-m",
                    "1",
                    "-r",
                    "1",
                    "--working-set",
                    "1",
                    "-o",
                    "json"
                )
                .Succeeds()
                .Out
        );

    [Fact]
    public void Wrong_declarations_are_reported_as_the_compiler_does()
    {
        string rule = Write("a.cs", Code3.Replace("group: 32", "group: 0")),
            syntax = Write("b.cs", "namespace Mine;\n\npublic class { }\n"),
            before = _scratch["out.bin"];
        Cli wrong = Run("list", "--formats", rule, "--formats", syntax)
            .Fails(ExitCode.Usage, "2 errors in the declarations", "nothing was run");
        Assert.Matches(@"a\.cs\(5,2\): error KG\d{4}: ", wrong.Error);
        Assert.Contains("b.cs(3,14): error CS1001: Identifier expected", wrong.Error, StringComparison.Ordinal);
        Assert.False(File.Exists(before));
    }

    [Fact]
    public void A_name_that_exists_is_an_error_with_both_files()
    {
        string mine = Write("mine.cs", Code3.Replace("\"mine\"", "\"q4_0\""));
        Run("list", "--formats", mine).Fails(ExitCode.Usage, "'q4_0'", "KernelGen.Formats.dll", $"Code3 in {mine}");
        string dll = typeof(DeclaredFormats).Assembly.Location;
        Run("list", "--formats", dll).Fails(ExitCode.Usage, $"in {dll} declares it again", "in KernelGen.Formats.dll has it already");
    }

    [Fact]
    public void A_dll_is_loaded()
    {
        string dll = typeof(DeclaredFormats).Assembly.Location;
        Cli listed = Cli.Run("list", "--formats", dll, "-o", "json").Succeeds();
        Assert.Equal(Cli.Catalog.All.Count + DeclaredFormats.Catalog.All.Count, listed.Rows.Length);
        Run("list", "--formats", typeof(CompressedFormat).Assembly.Location).Fails(ExitCode.Usage, "declares no format");
        Run("list", "--formats", Write("text.dll", "no assembly")).Fails(ExitCode.Usage, "text.dll", "cannot be loaded");
    }

    [Fact]
    public void Paths_that_hold_no_declaration_are_named()
    {
        Run("list", "--formats", _scratch["absent.cs"]).Fails(ExitCode.Usage, "there is no file or folder", "absent.cs");
        Run("list", "--formats", Write("a.txt", "")).Fails(ExitCode.Usage, "a.txt", "is no .cs file, no .dll and no folder");
        Directory.CreateDirectory(_scratch["empty"]);
        Run("list", "--formats", _scratch["empty"]).Fails(ExitCode.Usage, "has no .cs files");
        string mine = Write("mine.cs", Code3),
            none = Write("none.cs", "public class Nothing;");
        Run("list", "--formats", mine, "--formats", none).Fails(ExitCode.Usage, "none.cs' declares no format");
    }

    [Fact]
    public void Help_says_that_code_runs_and_runs_none() =>
        Assert.Contains(
            "Loading code runs it",
            string.Join(
                ' ',
                Run("list", "--formats", "absent", "--help")
                    .Succeeds()
                    .Out.Split((char[])[' ', '\n', '\r'], StringSplitOptions.RemoveEmptyEntries)
            ),
            StringComparison.Ordinal
        );
}

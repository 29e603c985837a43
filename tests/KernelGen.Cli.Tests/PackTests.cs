using KernelGen.Models;
using KernelGen.Tests;

namespace KernelGen.Cli.Tests;

public sealed class PackTests : IDisposable
{
    private readonly ScratchFolder _scratch = new();

    public void Dispose() => _scratch.Dispose();

    private string Floats(string name, params float[] values)
    {
        using OutputFile file = OutputFile.Create(_scratch[name], overwrite: true);
        RawFloatFile.Write(file.Stream, values);
        file.Commit();
        return _scratch[name];
    }

    private static float[] Ramp(int count) => [.. Enumerable.Range(0, count).Select(i => i - count / 2f)];

    [Fact]
    public void What_a_kill_has_left_is_replaced_and_said()
    {
        string input = Floats("in.f32", Ramp(15));
        _scratch.Write("out.bin.partial", [1]);
        _scratch.Write("out.bin.partial.journal", [1]);
        Cli run = Cli.Run("pack", "--format", "hand-int8", input, _scratch["out.bin"], "--columns", "5").Succeeds();
        Assert.Contains(
            "out.bin.partial is left from work that was ended from outside; it is replaced",
            run.Error,
            StringComparison.Ordinal
        );
        Assert.Equal(["in.f32", "out.bin"], _scratch.Files);
    }

    [Fact]
    public void Raw_floats_become_the_bytes_of_the_format_and_come_back()
    {
        string input = Floats("in.f32", Ramp(15)),
            packed = _scratch["out.bin"],
            back = _scratch["back.f32"];
        Cli run = Cli.Run("pack", "--format", "hand-int8", input, packed, "--columns", "5").Succeeds();
        Assert.Empty(run.Out);
        Assert.Contains("15 weights in 48 bytes, 25.6 bits per weight", run.Error, StringComparison.Ordinal);
        var expected = new byte[48];
        HandWrittenInt8.Pack(Ramp(15), 3, 5, expected);
        Assert.Equal(expected, File.ReadAllBytes(packed));

        Cli.Run("unpack", "-f", "hand-int8", packed, back, "--columns", "5").Succeeds();
        var values = new float[15];
        HandWrittenInt8.Unpack(expected, 3, 5, values);
        Assert.Equal(values, RawFloatFile.Read(back));
    }

    [Fact]
    public void Without_a_shape_it_is_one_row()
    {
        string input = Floats("in.f32", Ramp(8)),
            packed = _scratch["out.bin"];
        Cli.Run("pack", "-f", "hand-int8", input, packed).Succeeds();
        Cli.Run("unpack", "-f", "hand-int8", packed, _scratch["back.f32"]).Succeeds();
        Assert.Equal(8, RawFloatFile.Read(_scratch["back.f32"]).Length);
        Cli.Run("pack", "-f", "hand-int8", input, packed, "--rows", "4", "--force").Succeeds();
        Cli.Run("unpack", "-f", "hand-int8", packed, _scratch["back.f32"], "--rows", "4", "--columns", "2", "--force").Succeeds();
        Assert.Equal(8, RawFloatFile.Read(_scratch["back.f32"]).Length);
    }

    [Fact]
    public void Shapes_that_do_not_fit_are_refused_with_both_numbers()
    {
        string input = Floats("in.f32", Ramp(8));
        Cli.Run("pack", "-f", "hand-int8", input, _scratch["x"], "--columns", "3")
            .Fails(1, "it has 8 values; that is no multiple of 3, the number of columns given");
        Cli.Run("pack", "-f", "hand-int8", input, _scratch["x"], "--rows", "3", "--columns", "3").Fails(1, "it has 8 values; 3 × 3 are 9");
        Cli.Run("pack", "-f", "hand-int8", Floats("empty.f32"), _scratch["x"]).Fails(1, "it is empty");
        string packed = _scratch.Write("packed.bin", new byte[17]);
        Cli.Run("unpack", "-f", "hand-int8", packed, _scratch["x.f32"]).Fails(1, "it has 17 bytes; 1 × 8 in hand-int8 take 16");
        Cli.Run("unpack", "-f", "hand-int8", packed, _scratch["x.f32"], "--columns", "400").Fails(1, "17 bytes are less than one row");
        Cli.Run("unpack", "-f", "hand-int8", packed, _scratch["x.f32"], "--rows", "2147483647", "--columns", "2147483647")
            .Fails(1, "it has 17 bytes");
        Assert.Equal(["empty.f32", "in.f32", "packed.bin"], _scratch.Files);
    }

    [Fact]
    public void Importance_is_one_number_per_column()
    {
        string input = Floats("in.f32", Ramp(15)),
            packed = _scratch["out.bin"];
        Cli.Run("pack", "-f", "hand-int8", input, packed, "--columns", "5", "--importance", Floats("i.f32", 1, 2, 3, 4, 0)).Succeeds();
        Cli plain = Cli.Run(
                "pack",
                "-f",
                "hand-int8",
                input,
                _scratch["plain.bin"],
                "--columns",
                "5",
                "--importance",
                Floats("i.f32", 1, 2, 3, 4, 0)
            )
            .Succeeds();
        Assert.Contains("--importance changes nothing", plain.Error, StringComparison.Ordinal);
        Assert.Equal(File.ReadAllBytes(_scratch["plain.bin"]), File.ReadAllBytes(packed));
        Cli.Run("pack", "-f", "hand-int8", input, _scratch["x"], "--columns", "5", "--importance", Floats("i.f32", 1, 2, 3))
            .Fails(1, "it has 3 values", "5 columns");
        Cli.Run("pack", "-f", "hand-int8", input, _scratch["x"], "--columns", "3", "--importance", Floats("i.f32", 1, float.NaN, 3))
            .Fails(1, "importance of column 1 is NaN");
        Cli.Run("pack", "-f", "hand-int8", input, _scratch["x"], "--columns", "3", "--importance", Floats("i.f32", 1, 2, -3))
            .Fails(1, "importance of column 2 is -3");
        Cli.Run("pack", "-f", "hand-int8", input, _scratch["x"], "--columns", "3", "--importance", Floats("i.f32")).Fails(1, "it is empty");
        Cli.Run("pack", "-f", "hand-int8", input, _scratch["x"], "--columns", "3", "--importance", _scratch["i.txt"])
            .Fails(2, "--importance takes .f32 files");
    }

    [Fact]
    public void Nothing_is_overwritten_without_force()
    {
        string input = Floats("in.f32", 1, 2),
            there = _scratch.Write("there.bin", [42]);
        Cli.Run("pack", "-f", "hand-int8", input, there).Fails(1, "there.bin exists", "--force");
        Assert.Equal([42], File.ReadAllBytes(there));
        Cli.Run("pack", "-f", "hand-int8", input, there, "--force").Succeeds();
        Assert.Equal(8, File.ReadAllBytes(there).Length);
        Cli.Run("unpack", "-f", "hand-int8", there, input).Fails(1, "in.f32 exists", "--force");
        Assert.Equal(8, File.ReadAllBytes(input).Length);
    }

    [Fact]
    public void Cancelled_work_leaves_nothing_behind()
    {
        string input = Floats("in.f32", Ramp(100_000));
        Cli.Run(new CancellationToken(canceled: true), "pack", "-f", "hand-int8", input, _scratch["x"], "--columns", "10")
            .Fails(1, "cancelled");
        string model = _scratch["model.safetensors"];
        SafetensorsWriter.Write(model, [new("w", SafetensorsDtype.F32, [1000, 100], s => RawFloatFile.Write(s, Ramp(100_000)))]);
        Cli.Run(new CancellationToken(canceled: true), "pack", "-f", "hand-int8", model, _scratch["x.safetensors"]).Fails(1, "cancelled");
        Assert.Equal(["in.f32", "model.safetensors"], _scratch.Files);
    }

    [Fact]
    public void A_model_is_packed_whole_and_unpacked_whole_or_by_tensor()
    {
        string model = _scratch["model.safetensors"],
            packed = _scratch["packed.safetensors"];
        SafetensorsWriter.Write(
            model,
            [
                new("a", SafetensorsDtype.F32, [2, 4], s => RawFloatFile.Write(s, Ramp(8))),
                new("b", SafetensorsDtype.F32, [4, 2], s => RawFloatFile.Write(s, Ramp(8))),
                new("bias", SafetensorsDtype.F32, [3], s => RawFloatFile.Write(s, Ramp(3))),
            ]
        );
        Cli run = Cli.Run("pack", "-f", "hand-int8", model, packed).Succeeds();
        Assert.Contains("2 tensors, 16 weights in 48 bytes", run.Error, StringComparison.Ordinal);
        Assert.Contains("1 tensors copied as they were: bias", run.Error, StringComparison.Ordinal);

        Cli.Run("unpack", packed, _scratch["one.f32"]).Fails(2, "2 packed tensors; choose one with --tensor");
        Cli.Run("unpack", packed, _scratch["one.f32"], "--tensor", "c").Fails(1, "has no tensor 'c'. Did you mean");
        Cli.Run("unpack", packed, _scratch["one.f32"], "-f", "row-sign").Fails(1, "it is packed as hand-int8, not as row-sign");
        Cli.Run("unpack", packed, _scratch["one.f32"], "--tensor", "a", "-f", "HAND-INT8").Succeeds();
        Cli.Run("unpack", packed, _scratch["back.safetensors"]).Succeeds();
        using SafetensorsFile back = SafetensorsFile.Open(_scratch["back.safetensors"]);
        Assert.Equal(RawFloatFile.Read(_scratch["one.f32"]), back.ReadSingles(back["a"]));
        Assert.Equal(Ramp(3), back.ReadSingles(back["bias"]));

        Cli.Run("pack", "-f", "hand-int8", model, _scratch["b.bin"]).Fails(2, "2 tensors do not go into");
        Cli.Run("pack", "-f", "hand-int8", model, _scratch["b.bin"], "--tensor", "b").Succeeds();
        Assert.Equal(32, File.ReadAllBytes(_scratch["b.bin"]).Length);
        Cli.Run("pack", "-f", "hand-int8", model, _scratch["c.bin"], "--rows", "2").Fails(2, "knows its shapes");
    }

    [Fact]
    public void Raw_floats_go_into_safetensors_too()
    {
        string input = Floats("weights.f32", Ramp(6)),
            packed = _scratch["packed.safetensors"];
        Cli.Run("pack", "-f", "hand-int8", input, packed, "--columns", "3").Succeeds();
        Cli.Run("unpack", packed, _scratch["back.f32"]).Succeeds();
        Assert.Equal(6, RawFloatFile.Read(_scratch["back.f32"]).Length);
    }

    [Fact]
    public void Broken_files_are_exit_code_1()
    {
        string broken = _scratch.Write("broken.safetensors", [255, 255, 255, 255, 255, 255, 255, 127, 123]);
        Cli.Run("pack", "-f", "hand-int8", broken, _scratch["x.safetensors"])
            .Fails(1, "broken.safetensors: its header says it is 9223372036854775807 bytes long; the limit is 100000000");
        Cli.Run("unpack", broken, _scratch["x.f32"]).Fails(1, "the limit is 100000000");
        Cli.Run("pack", "-f", "hand-int8", _scratch["absent.f32"], _scratch["x"]).Fails(1, "absent.f32");
        Cli.Run("unpack", _scratch["absent.safetensors"], _scratch["x.f32"]).Fails(1, "absent.safetensors");
        Cli.Run("unpack", "-f", "hand-int8", _scratch["absent"], _scratch["x.f32"]).Fails(1, "absent");
        Cli.Run("pack", "-f", "hand-int8", _scratch.Write("a.f32", new byte[7]), _scratch["x"])
            .Fails(1, "7 bytes are no whole number of float32 values");
        Cli.Run("pack", "-f", "hand-int8", Floats("nan.f32", 1, float.NaN), _scratch["x"]).Fails(1, "row 0, column 1 is NaN");
        Cli.Run("pack", "-f", "hand-int8", _scratch.Write("a.txt", [1]), _scratch["x"])
            .Fails(2, "a.txt: pack takes .f32 and .safetensors files");
        Cli.Run("unpack", _scratch.Write("a.bin", [1]), _scratch["x.f32"]).Fails(2, "name the format with --format");
        Assert.DoesNotContain(_scratch.Files, name => name.StartsWith('x'));
    }
}

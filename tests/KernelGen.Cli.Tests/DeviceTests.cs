namespace KernelGen.Cli.Tests;

/// <summary>devices, and bench and compare on a device.</summary>
public sealed class DeviceTests
{
    [Fact]
    public void Devices_lists_what_is_there_and_why_the_rest_is_not()
    {
        string csv = Cli.Run("devices", "-o", "csv").Succeeds().Out;
        Assert.StartsWith("device,name,memory_gib,multiprocessors,warp,usable", csv, StringComparison.Ordinal);
        Assert.Contains("yes", csv, StringComparison.Ordinal);
        Assert.Contains("no: ", csv, StringComparison.Ordinal);
    }

    [Fact]
    public void An_unknown_device_fails_with_those_there_are() =>
        Cli.Run("bench", "--device", "gpu7", "--shape", "4x32").Fails(1, "There is no device 'gpu7'. There ");

    [Fact]
    public void A_comparison_on_an_unknown_device_fails_before_anything_is_measured() =>
        Cli.RunWith(KernelGen.Formats.DeclaredFormats.Catalog, new Cli.FixedSource(), default, ["compare", "--device", "gpu7"])
            .Fails(1, "There is no device 'gpu7'. There ");

    [Fact]
    public void A_format_without_kernels_says_why() =>
        Cli.Run("bench", "--device", KernelGen.Gpu.GpuDevices.List()[0].Id, "--format", "hand-int8", "--shape", "4x32")
            .Fails(1, "The format hand-int8 has no GPU kernels: no assembly with [GpuFormatsOf]");

    [Fact]
    public void A_peak_that_is_no_number_is_a_usage_error() =>
        Cli.Run("bench", "--device", KernelGen.Gpu.GpuDevices.List()[0].Id, "--peak", "fast", "--shape", "4x32")
            .Fails(2, "--peak: 'fast' is no positive number of TFLOP/s");

    [Theory]
    [InlineData("--precision", "int8x2", "--precision int8x2 is for the CPU; with --device there are float and int8.")]
    [InlineData("--threads", "2", "--threads is about the CPU's kernels; leave it out with --device.")]
    [InlineData("--peer-ggml", "folder", "--peer-ggml is about the CPU's kernels; leave it out with --device.")]
    public void Options_of_the_CPU_are_usage_errors_on_a_device(string option, string value, string message) =>
        Cli.Run("bench", "--device", "cpu:0", option, value).Fails(2, message);

    [Fact]
    public void The_CPU_accelerator_takes_a_small_matrix_and_integer_kernels_where_formats_have_them()
    {
        FormatCatalog two = new(KernelGen.Formats.DeclaredFormats.Catalog["q4_0"], KernelGen.Formats.DeclaredFormats.Catalog["nf4-g64"]);
        Cli run = Cli.RunWith(two, new Cli.FixedSource(), default, ["bench", "--device", "cpu:0", "-p", "int8", "-r", "1", "-o", "json"])
            .Succeeds();
        Assert.Contains("without --shape the matrix is 16x256", run.Error, StringComparison.Ordinal);
        Assert.Equal(
            [("q4_0", 16, "int8"), ("nf4-g64", 16, "float")],
            run.Rows.Select(row =>
                (row.GetProperty("format").GetString()!, row.GetProperty("rows").GetInt32(), row.GetProperty("precision").GetString()!)
            )
        );
    }
}

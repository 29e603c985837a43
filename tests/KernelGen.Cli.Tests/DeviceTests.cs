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
}

using KernelGen.Formats;

namespace KernelGen.Gpu.Tests;

/// <summary>Devices, matrices, streams, and what is said when something is not there or does not fit.</summary>
public sealed class RuntimeTests
{
    [Fact]
    public void Devices_are_listed_and_missing_kinds_say_why()
    {
        IReadOnlyList<GpuDeviceInfo> devices = GpuDevices.List();
        Assert.Contains(devices, device => device.Unusable is null && device.MemoryBytes > 0 && device.WarpSize > 0);
        Assert.All(devices.Where(device => device.Name.Length == 0), device => Assert.NotEmpty(device.Unusable!));
        Assert.Contains(devices, device => device.Id.StartsWith("cuda", StringComparison.Ordinal));
        Assert.Contains(devices, device => device.Id.StartsWith("opencl", StringComparison.Ordinal));
    }

    [Fact]
    public void An_unknown_device_is_an_error_that_names_those_there_are()
    {
        GpuException e = Assert.Throws<GpuException>(() => GpuDevices.Open("gpu7", Subjects.Kernels));
        Assert.StartsWith("There is no device 'gpu7'. There ", e.Message, StringComparison.Ordinal);
        Assert.Contains(Subjects.DeviceId, e.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_matrix_that_is_too_large_says_how_much_is_missing()
    {
        using GpuDevice device = GpuDevices.Open(Subjects.DeviceId, Subjects.Kernels, memoryLimit: 1 << 20);
        CompressedMatrix<PlainF32> matrix = CompressedMatrix<PlainF32>.Pack(new float[512 * 1024], 512, 1024);
        GpuException e = Assert.Throws<GpuException>(() => new GpuMatrix<PlainF32>(device, matrix));
        Assert.Contains("A 512 × 1024 matrix of f32 needs 2097152 bytes", e.Message, StringComparison.Ordinal);
        Assert.Contains("of 1048576 are free", e.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Memory_is_given_back()
    {
        using GpuDevice device = GpuDevices.Open(Subjects.DeviceId, Subjects.Kernels, memoryLimit: 3 << 20);
        CompressedMatrix<PlainF32> matrix = CompressedMatrix<PlainF32>.Pack(new float[512 * 1024], 512, 1024);
        for (int i = 0; i < 3; i++)
        {
            using var uploaded = new GpuMatrix<PlainF32>(device, matrix);
            Assert.Throws<GpuException>(() => new GpuMatrix<PlainF32>(device, matrix));
        }
    }

    [Fact]
    public async Task Arrays_that_the_garbage_collector_moves_arrive_whole()
    {
        bool done = false;
        Task collector = Task.Run(() =>
        {
            while (!Volatile.Read(ref done))
            {
                GC.Collect(0, GCCollectionMode.Forced, blocking: true, compacting: true);
                Thread.Sleep(1);
            }
        });
        using var buffer = new GpuBuffer<float>(Subjects.Device, "numbers", 16384);
        int wrong = 0;
        for (int i = 1; i <= 3000; i++)
        {
            byte[] gap = new byte[4096]; // is gone at the next collection, which moves what follows
            float[] sent = new float[16384],
                received = new float[16384];
            GC.KeepAlive(gap);
            Array.Fill(sent, i);
            buffer.Upload(Subjects.Device.Accelerator.DefaultStream, sent);
            buffer.Download(Subjects.Device.Accelerator.DefaultStream, received);
            wrong += received.AsSpan().ContainsAnyExcept(i) ? 1 : 0;
        }
        Volatile.Write(ref done, true);
        await collector;
        Assert.Equal(0, wrong);
    }

    [Fact]
    public void A_format_without_kernels_is_an_error_with_the_reason()
    {
        var catalog = new GpuCatalog(new GpuFormat("q4_0", null, "its declaration leaves devices out by [Targets]"));
        using GpuDevice device = GpuDevices.Open(Subjects.DeviceId, catalog);
        CompressedMatrix<Q4_0> matrix = CompressedMatrix<Q4_0>.Pack(new float[64], 2, 32);
        Assert.Equal(
            "The format q4_0 has no GPU kernels: its declaration leaves devices out by [Targets].",
            Assert.Throws<GpuException>(() => new GpuMatrix<Q4_0>(device, matrix)).Message
        );
        Assert.Contains(
            "no assembly with [GpuFormatsOf]",
            Assert.Throws<GpuException>(() => _ = catalog["mxfp4"]).Message,
            StringComparison.Ordinal
        );
    }

    [Fact]
    public void Wrong_lengths_are_errors_with_the_right_ones()
    {
        CompressedMatrix<Q4_0> matrix = CompressedMatrix<Q4_0>.Pack(new float[3 * 40], 3, 40);
        using var uploaded = new GpuMatrix<Q4_0>(Subjects.Device, matrix);
        Assert.Contains(
            "1 activation vectors of 40 columns are 40 numbers, not 39",
            Assert.Throws<ArgumentException>(() => uploaded.MatVec(new float[39], new float[3])).Message,
            StringComparison.Ordinal
        );
        Assert.Contains(
            "3 × 40 weights need room for 120 numbers, not 119",
            Assert.Throws<ArgumentException>(() => uploaded.Unpack(new float[119])).Message,
            StringComparison.Ordinal
        );
        Assert.Contains(
            "has 108 bytes, not 107",
            Assert
                .Throws<ArgumentException>(() => new GpuMatrix(Subjects.Device, CompressedFormat.Of<Q4_0>(), new byte[107], 3, 40))
                .Message,
            StringComparison.Ordinal
        );
    }

    [Fact]
    public void Work_on_streams_gives_the_same_results()
    {
        CompressedMatrix<Q4_0> matrix = CompressedMatrix<Q4_0>.Pack(Subjects.Normal(65 * 96, 1), 65, 96);
        using var uploaded = new GpuMatrix<Q4_0>(Subjects.Device, matrix);
        float[] x = Subjects.Normal(2 * 96, 2),
            expected = new float[2 * 65],
            actual = new float[2 * 65];
        uploaded.MatMul(x, 2, expected);
        using GpuStream stream = Subjects.Device.CreateStream();
        using GpuActivations staged = uploaded.Stage(x, 2);
        using GpuResults results = uploaded.NewResults(2);
        uploaded.MatMul(staged, results, stream);
        stream.Synchronize();
        results.Download(actual, stream);
        Assert.Equal(expected, actual);
    }

    [Theory]
    [InlineData(1, 3.88)]
    [InlineData(32, 3.88)]
    [InlineData(64, 3.26)]
    [InlineData(128, 1.63)]
    public void The_roofline_gives_Marlins_ideal_curve_on_an_A10(int batch, double expected) =>
        Assert.Equal(expected, Roofline.SpeedUp(4.125, batch, 600e9, Roofline.PeakOf("NVIDIA A10")!.Value), 0.006);

    [Fact]
    public void The_bandwidth_of_a_device_is_measured() => Assert.InRange(GpuBandwidth.Measure(Subjects.Device, 1 << 20), 1e3, 1e14);
}

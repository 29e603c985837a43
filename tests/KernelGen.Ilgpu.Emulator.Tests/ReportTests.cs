using ILGPU;
using ILGPU.Emulation;
using ILGPU.Runtime;

namespace KernelGen.Ilgpu.Emulator.Tests;

/// <summary>What a device would let pass: each mistake is named with kernel, group and thread.</summary>
public sealed class ReportTests : IDisposable
{
    private readonly Context _context = Context.Create(builder => builder.CPU());
    private readonly Accelerator _accelerator;

    public ReportTests() => _accelerator = _context.Devices[0].CreateAccelerator(_context);

    public void Dispose()
    {
        _accelerator.Dispose();
        _context.Dispose();
    }

    [Fact]
    public void A_race_is_reported()
    {
        EmulationException e = Fail(Race);
        Assert.Equal("ReportTests.Race", e.Kernel);
        Assert.Matches(
            "(reads|writes) byte [0-9]+ of shared memory, which thread [0-9]+ (reads|writes) without a barrier between them",
            e.Problem
        );
    }

    [Fact]
    public void A_race_between_warps_is_reported_where_each_warp_is_in_step() =>
        Assert.Contains("without a barrier between them", Fail(RaceBetweenWarps).Problem, StringComparison.Ordinal);

    [Fact]
    public void A_read_of_shared_memory_that_nobody_wrote_is_reported() =>
        Assert.Contains("which nobody has written", Fail(Uninitialised).Problem, StringComparison.Ordinal);

    [Fact]
    public void A_barrier_that_not_all_reach_is_reported()
    {
        EmulationException e = Fail(Divergent);
        Assert.Contains("Group.Barrier (wait 1 of 1) is not reached by all: thread ", e.Problem, StringComparison.Ordinal);
        Assert.Contains("has returned", e.Problem, StringComparison.Ordinal);
    }

    [Fact]
    public void Two_barriers_are_not_one() =>
        Assert.Contains("waits at Group.Barrier (wait 2 of 2)", Fail(TwoBarriers).Problem, StringComparison.Ordinal);

    [Fact]
    public void A_shuffle_that_half_a_warp_reaches_is_reported() =>
        Assert.Contains("Warp.ShuffleDown", Fail(HalfShuffle).Problem, StringComparison.Ordinal);

    [Fact]
    public void An_index_outside_a_view_is_reported_with_group_and_thread()
    {
        EmulationException e = Fail(OutOfBounds);
        Assert.Equal((1, 36), (e.Group.X, e.Thread));
        Assert.Contains("index 100 is outside a view of 100 Single", e.Problem, StringComparison.Ordinal);
    }

    [Fact]
    public void A_negative_index_is_what_it_is_on_a_device() =>
        Assert.Contains("index 4294967295 (as 32 bits: -1) is outside", Fail(Negative).Problem, StringComparison.Ordinal);

    [Fact]
    public void Too_much_shared_memory_is_reported() =>
        Assert.Contains("bytes of shared memory are needed, there are 49152", Fail(TooMuchShared).Problem, StringComparison.Ordinal);

    [Fact]
    public void A_view_of_a_disposed_buffer_is_reported()
    {
        var buffer = _accelerator.Allocate1D<float>(100);
        ArrayView<float> view = buffer.View;
        buffer.Dispose();
        EmulationException e = Assert.Throws<EmulationException>(() =>
            _accelerator.LoadStreamKernel<ArrayView<float>>(OutOfBounds)((1, 32), view)
        );
        Assert.Contains("disposed", e.Problem, StringComparison.Ordinal);
    }

    [Fact]
    public void Memory_is_limited_and_given_back()
    {
        long most = _accelerator.MemorySize;
        Assert.Contains(
            "Out of memory",
            Assert.Throws<AcceleratorException>(() => _accelerator.Allocate1D<byte>(most + 1)).Message,
            StringComparison.Ordinal
        );
        for (int i = 0; i < 3; i++)
        {
            using var part = _accelerator.Allocate1D<byte>(1 << 20);
        }
        Assert.Throws<AcceleratorException>(() => _accelerator.Allocate1D<byte>(most + 1));
    }

    [Fact]
    public void Implicit_kernels_may_not_wait() =>
        Assert.Throws<NotSupportedException>(() =>
            _accelerator.LoadAutoGroupedStreamKernel<ArrayView<float>>(Implicit)(3, _accelerator.Allocate1D<float>(3).View)
        );

    private EmulationException Fail(Action<ArrayView<float>> kernel)
    {
        using var buffer = _accelerator.Allocate1D<float>(100);
        return Assert.Throws<EmulationException>(() => _accelerator.LoadStreamKernel(kernel)((2, 64), buffer.View));
    }

    private static void Race(ArrayView<float> values)
    {
        ArrayView<float> shared = SharedMemory.Allocate<float>(64);
        shared[Group.IdxX] = 0f;
        Group.Barrier();
        shared[Group.IdxX] = Group.IdxX;
        // the barrier that belongs here is missing
        values[Group.IdxX] = shared[63 - Group.IdxX];
    }

    private static void RaceBetweenWarps(ArrayView<float> values)
    {
        ArrayView<float> shared = SharedMemory.Allocate<float>(64);
        shared[Group.IdxX] = 0f;
        Group.Barrier();
        shared[Group.IdxX] = Group.IdxX;
        Warp.Barrier();
        values[Group.IdxX] = shared[63 - Group.IdxX];
    }

    private static void Uninitialised(ArrayView<float> values)
    {
        ArrayView<float> shared = SharedMemory.Allocate<float>(64);
        if (Group.IdxX > 0)
        {
            shared[Group.IdxX] = 1f;
        }
        Group.Barrier();
        values[Group.IdxX] = shared[Group.IdxX];
    }

    private static void Divergent(ArrayView<float> values)
    {
        if (Group.IdxX >= 40)
        {
            return;
        }
        Group.Barrier();
        values[Group.IdxX] = 1f;
    }

    private static void TwoBarriers(ArrayView<float> values)
    {
        if (Group.IdxX < 32)
        {
            Group.Barrier();
            values[0] = 1f;
        }
        else
        {
            Group.Barrier();
            values[1] = 1f;
        }
    }

    private static void HalfShuffle(ArrayView<float> values)
    {
        float value = Group.IdxX;
        if (Warp.LaneIdx < 16)
        {
            value += Warp.ShuffleDown(value, 8);
        }
        values[Group.IdxX] = value;
    }

    private static void OutOfBounds(ArrayView<float> values) => values[Grid.IdxX * Group.DimX + Group.IdxX] = 1f;

    private static void Negative(ArrayView<float> values) => values[Group.IdxX - 1] = 1f;

    private static void TooMuchShared(ArrayView<float> values)
    {
        ArrayView<float> shared = SharedMemory.Allocate<float>(20000);
        shared[Group.IdxX] = 1f;
    }

    private static void Implicit(Index1D index, ArrayView<float> values)
    {
        Group.Barrier();
        values[index] = 1f;
    }
}

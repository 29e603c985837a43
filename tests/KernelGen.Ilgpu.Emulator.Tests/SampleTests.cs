using ILGPU;
using ILGPU.Runtime;

namespace KernelGen.Ilgpu.Emulator.Tests;

/// <summary>Kernels as ILGPU's samples write them: explicitly grouped, with static and dynamic shared memory, and implicit ones.</summary>
public sealed class SampleTests : IDisposable
{
    private const int Tile = 16;

    private readonly Context _context = Context.Create(builder => builder.CPU().Optimize(OptimizationLevel.O2));
    private readonly Accelerator _accelerator;

    public SampleTests() => _accelerator = _context.GetPreferredDevice(preferCPU: true).CreateAccelerator(_context);

    public void Dispose()
    {
        _accelerator.Dispose();
        _context.Dispose();
    }

    [Theory]
    [InlineData(16, 16)]
    [InlineData(33, 70)]
    [InlineData(1, 129)]
    public void A_tiled_transpose_gives_the_transpose(int rows, int columns)
    {
        float[] source = [.. Enumerable.Range(0, rows * columns).Select(i => (float)i)];
        using var input = _accelerator.Allocate1D(source);
        using var output = _accelerator.Allocate1D<float>(source.Length);
        var transpose = _accelerator.LoadStreamKernel<ArrayView<float>, ArrayView<float>, int, int>(Transpose);

        transpose(
            (new Index2D((columns + Tile - 1) / Tile, (rows + Tile - 1) / Tile), new Index2D(Tile, Tile)),
            input.View,
            output.View,
            rows,
            columns
        );

        float[] result = output.GetAsArray1D();
        Assert.All(Enumerable.Range(0, source.Length), i => Assert.Equal(source[i], result[i % columns * rows + i / columns]));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(64)]
    [InlineData(5000)]
    public void A_reduction_by_shuffles_and_one_by_shared_memory_agree(int length)
    {
        int[] source = [.. Enumerable.Range(0, length).Select(i => i * 7 % 31 - 9)];
        using var input = _accelerator.Allocate1D(source);
        using var sums = _accelerator.Allocate1D<int>(2);
        var byShuffles = _accelerator.LoadStreamKernel<ArrayView<int>, ArrayView<int>>(SumByShuffles);
        var byMemory = _accelerator.LoadStreamKernel<ArrayView<int>, ArrayView<int>>(SumByMemory);

        byShuffles((3, 128), input.View, sums.View);
        byMemory((3, 128), input.View, sums.View);

        Assert.Equal([source.Sum(), source.Sum()], sums.GetAsArray1D());
    }

    [Fact]
    public void A_scan_over_dynamic_shared_memory_gives_prefix_sums()
    {
        float[] source = [.. Enumerable.Range(0, 256).Select(i => (float)(i % 13))];
        using var values = _accelerator.Allocate1D(source);
        var scan = _accelerator.LoadStreamKernel<ArrayView<float>>(Scan);

        scan((1, 256, SharedMemoryConfig.RequestDynamic<float>(2 * 256)), values.View);

        float sum = 0;
        Assert.Equal(source.Select(value => sum += value), values.GetAsArray1D());
    }

    [Fact]
    public void Every_shuffle_gives_what_CUDA_gives()
    {
        using var result = _accelerator.Allocate1D<int>(4 * 32);
        _accelerator.LoadStreamKernel<ArrayView<int>>(Shuffles)((1, 32), result.View);
        int[] values = result.GetAsArray1D();
        for (int lane = 0; lane < 32; lane++)
        {
            Assert.Equal(lane + 3 < 32 ? lane + 3 : lane, values[lane]);
            Assert.Equal(lane - 5 >= 0 ? lane - 5 : lane, values[32 + lane]);
            Assert.Equal(lane ^ 9, values[64 + lane]);
            Assert.Equal((lane * 3 & 31) + 100, values[96 + lane]);
        }
    }

    [Fact]
    public void Counting_barriers_ask_all_threads()
    {
        using var result = _accelerator.Allocate1D<int>(3);
        _accelerator.LoadStreamKernel<ArrayView<int>>(Counts)((1, 70), result.View);
        Assert.Equal([7, 0, 1], result.GetAsArray1D());
    }

    [Fact]
    public void Implicit_kernels_get_every_index_once()
    {
        using var counts = _accelerator.Allocate1D<int>(130);
        _accelerator.LoadAutoGroupedStreamKernel<ArrayView<int>, int>(Increment)(130, counts.View, 3);
        Assert.All(counts.GetAsArray1D(), count => Assert.Equal(3, count));
    }

    [Fact]
    public void Casts_see_the_same_bytes_in_wider_elements()
    {
        using var words = _accelerator.Allocate1D([1u, 2u, 3u, 4u, 5u, 6u, 7u, 8u]);
        using var sums = _accelerator.Allocate1D<uint>(2);
        _accelerator.LoadStreamKernel<ArrayView<uint>, ArrayView<uint>>(SumQuads)((1, 2), words.View, sums.View);
        Assert.Equal([10u, 26u], sums.GetAsArray1D());
    }

    private record struct Quad(uint X, uint Y, uint Z, uint W);

    private static void Transpose(ArrayView<float> input, ArrayView<float> output, int rows, int columns)
    {
        ArrayView<float> tile = SharedMemory.Allocate<float>(Tile * (Tile + 1));
        int column = Grid.IdxX * Tile + Group.IdxX,
            row = Grid.IdxY * Tile + Group.IdxY;
        if (row < rows && column < columns)
        {
            tile[Group.IdxY * (Tile + 1) + Group.IdxX] = input[row * columns + column];
        }
        Group.Barrier();
        int newColumn = Grid.IdxY * Tile + Group.IdxX,
            newRow = Grid.IdxX * Tile + Group.IdxY;
        if (newRow < columns && newColumn < rows)
        {
            output[newRow * rows + newColumn] = tile[Group.IdxX * (Tile + 1) + Group.IdxY];
        }
    }

    private static void SumByShuffles(ArrayView<int> input, ArrayView<int> sums)
    {
        int sum = 0;
        for (int i = Grid.IdxX * Group.DimX + Group.IdxX; i < input.Length; i += Grid.DimX * Group.DimX)
        {
            sum += input[i];
        }
        for (int delta = Warp.WarpSize / 2; delta > 0; delta /= 2)
        {
            sum += Warp.ShuffleDown(sum, delta);
        }
        if (Warp.IsFirstLane)
        {
            Atomic.Add(ref sums[0], sum);
        }
    }

    private static void SumByMemory(ArrayView<int> input, ArrayView<int> sums)
    {
        ArrayView<int> partial = SharedMemory.Allocate<int>(128);
        int sum = 0;
        for (int i = Grid.IdxX * Group.DimX + Group.IdxX; i < input.Length; i += Grid.DimX * Group.DimX)
        {
            sum += input[i];
        }
        partial[Group.IdxX] = sum;
        Group.Barrier();
        for (int half = Group.DimX / 2; half > 0; half /= 2)
        {
            if (Group.IdxX < half)
            {
                partial[Group.IdxX] += partial[Group.IdxX + half];
            }
            Group.Barrier();
        }
        if (Group.IsFirstThread)
        {
            Atomic.Add(ref sums[1], partial[0]);
        }
    }

    private static void Scan(ArrayView<float> values)
    {
        ArrayView<float> shared = SharedMemory.GetDynamic<float>();
        int me = Group.IdxX,
            length = Group.DimX,
            from = 0;
        shared[me] = values[me];
        Group.Barrier();
        for (int distance = 1; distance < length; distance *= 2)
        {
            int to = length - from;
            shared[to + me] = me >= distance ? shared[from + me] + shared[from + me - distance] : shared[from + me];
            from = to;
            Group.Barrier();
        }
        values[me] = shared[from + me];
    }

    private static void Shuffles(ArrayView<int> result)
    {
        int lane = Warp.LaneIdx;
        int down = Warp.ShuffleDown(lane, 3),
            up = Warp.ShuffleUp(lane, 5);
        result[lane] = down;
        result[32 + lane] = up;
        int crossed = Warp.ShuffleXor(lane, 9);
        result[64 + lane] = crossed;
        int picked = Warp.Shuffle(lane + 100, lane * 3 & 31);
        result[96 + lane] = picked;
    }

    private static void Counts(ArrayView<int> result)
    {
        int count = Group.BarrierPopCount(Group.IdxX % 10 == 0);
        bool all = Group.BarrierAnd(Group.IdxX < 69),
            any = Group.BarrierOr(Group.IdxX == 69);
        if (Group.IsFirstThread)
        {
            result[0] = count;
            result[1] = all ? 1 : 0;
            result[2] = any ? 1 : 0;
        }
    }

    private static void Increment(Index1D index, ArrayView<int> counts, int by) => counts[index] += by;

    private static void SumQuads(ArrayView<uint> words, ArrayView<uint> sums)
    {
        Quad quad = words.Cast<Quad>()[Group.IdxX];
        sums[Group.IdxX] = quad.X + quad.Y + quad.Z + quad.W;
    }
}

using ILGPU;
using ILGPU.Emulation;
using ILGPU.Runtime;
using ILGPU.Runtime.Cuda;

namespace KernelGen.Ilgpu.Emulator.Tests;

/// <summary>
/// Inline PTX: the matrix product of a warp against a plain one. Here a place in a matrix is looked up in figures that say which
/// thread holds it, as the PTX ISA draws them; the emulator goes the other way, by the ISA's formulas.
/// </summary>
public sealed class InlinePtxTests : IDisposable
{
    private const string Multiply =
        "mma.sync.aligned.m16n8k16.row.col.f32.f16.f16.f32 {%6, %7, %8, %9}, {%0, %1, %2, %3}, {%4, %5}, {%6, %7, %8, %9};";

    /// <summary>The first row of A: which thread holds columns 2i and 2i + 1, and in which register. Row r below 8 adds 4r to the thread, 8 rows below one to the register.</summary>
    private static readonly (int Thread, int Register)[] s_rowOfA = [(0, 0), (1, 0), (2, 0), (3, 0), (0, 2), (1, 2), (2, 2), (3, 2)];

    /// <summary>The first column of B, rows 2i and 2i + 1; column n adds 4n to the thread.</summary>
    private static readonly (int Thread, int Register)[] s_columnOfB = [(0, 0), (1, 0), (2, 0), (3, 0), (0, 1), (1, 1), (2, 1), (3, 1)];

    /// <summary>The first row of C, column by column; row r below 8 adds 4r to the thread, 8 rows below two to the register.</summary>
    private static readonly (int Thread, int Register)[] s_rowOfC = [(0, 0), (0, 1), (1, 0), (1, 1), (2, 0), (2, 1), (3, 0), (3, 1)];

    private readonly Context _context = Context.Create(builder => builder.CPU());
    private readonly Accelerator _accelerator;

    public InlinePtxTests() => _accelerator = _context.Devices[0].CreateAccelerator(_context);

    public void Dispose()
    {
        _accelerator.Dispose();
        _context.Dispose();
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public void A_warp_multiplies_matrices_of_binary16(int seed)
    {
        var random = new Random(seed);
        Half[,] a = Matrix(random, 16, 16),
            b = Matrix(random, 16, 8);
        var c = new float[16, 8];
        uint[] fragments = new uint[32 * 10];
        for (int row = 0; row < 16; row++)
        {
            for (int column = 0; column < 16; column++)
            {
                (int thread, int register) = s_rowOfA[column / 2];
                Put(fragments, thread + row % 8 * 4, register + row / 8, column % 2, a[row, column]);
            }
        }
        for (int row = 0; row < 16; row++)
        {
            for (int column = 0; column < 8; column++)
            {
                (int thread, int register) = s_columnOfB[row / 2];
                Put(fragments, thread + column * 4, 4 + register, row % 2, b[row, column]);
            }
        }
        for (int row = 0; row < 16; row++)
        {
            for (int column = 0; column < 8; column++)
            {
                (int thread, int register) = s_rowOfC[column];
                c[row, column] = random.NextSingle() - 0.5f;
                fragments[(thread + row % 8 * 4) * 10 + 6 + register + row / 8 * 2] = BitConverter.SingleToUInt32Bits(c[row, column]);
            }
        }
        using MemoryBuffer1D<uint, Stride1D.Dense> buffer = _accelerator.Allocate1D(fragments);
        _accelerator.LoadStreamKernel<ArrayView<uint>>(Product)((1, 32), buffer.View);
        uint[] result = buffer.GetAsArray1D();
        for (int row = 0; row < 16; row++)
        {
            for (int column = 0; column < 8; column++)
            {
                (int thread, int register) = s_rowOfC[column];
                float sum = c[row, column];
                for (int k = 0; k < 16; k++)
                {
                    sum += (float)a[row, k] * (float)b[k, column];
                }
                Assert.Equal(sum, BitConverter.UInt32BitsToSingle(result[(thread + row % 8 * 4) * 10 + 6 + register + row / 8 * 2]));
            }
        }
        Assert.Equal(fragments.Where((_, i) => i % 10 < 6), result.Where((_, i) => i % 10 < 6));
    }

    [Fact]
    public void Pairs_are_rounded_to_binary16_with_the_first_source_on_top()
    {
        float[] values = [1f, -2f, 0.1f, 65519.996f, 65520f, 2.9802322E-08f, 2.9802326E-08f, 1.00048828125f];
        using MemoryBuffer1D<float, Stride1D.Dense> source = _accelerator.Allocate1D(values);
        using MemoryBuffer1D<uint, Stride1D.Dense> target = _accelerator.Allocate1D<uint>(4);
        _accelerator.LoadStreamKernel<ArrayView<float>, ArrayView<uint>>(Pairs)((1, 4), source.View, target.View);
        Assert.Equal([0x3C00C000u, 0x2E667BFFu, 0x7C000000u, 0x00013C00u], target.GetAsArray1D());
    }

    [Fact]
    public void Half_a_warp_is_too_few() =>
        Assert.Contains("wants all 32 threads of a warp, there are 16", Fail(Product, 16).Problem, StringComparison.Ordinal);

    [Fact]
    public void Threads_that_do_not_take_part_are_reported() =>
        Assert.Contains("CudaAsm.EmitRef (wait 1 of 1) is not reached by all", Fail(HalfProduct, 32).Problem, StringComparison.Ordinal);

    [Fact]
    public void The_product_orders_no_memory() =>
        Assert.Contains("without a barrier between them", Fail(Unordered, 32).Problem, StringComparison.Ordinal);

    [Fact]
    public void An_unknown_instruction_is_named() =>
        Assert.Contains("does not know the PTX instruction 'add.f32 %0, %1, %2;'", Fail(Unknown, 1).Message, StringComparison.Ordinal);

    [Fact]
    public void Without_inline_PTX_kernels_learn_so()
    {
        using Context context = Context.Create(builder => builder.CPU().WithoutInlinePtx());
        using Accelerator plain = context.Devices[0].CreateAccelerator(context);
        foreach ((Accelerator accelerator, uint expected) in new[] { (plain, 2u), (_accelerator, 1u) })
        {
            using MemoryBuffer1D<uint, Stride1D.Dense> buffer = accelerator.Allocate1D<uint>(1);
            accelerator.LoadStreamKernel<ArrayView<uint>>(Ask)((1, 1), buffer.View);
            Assert.Equal(expected, buffer.GetAsArray1D()[0]);
        }
    }

    private static Half[,] Matrix(Random random, int rows, int columns)
    {
        var matrix = new Half[rows, columns];
        for (int i = 0; i < rows * columns; i++)
        {
            matrix[i / columns, i % columns] = (Half)(random.NextDouble() * 4 - 2);
        }
        return matrix;
    }

    private static void Put(uint[] fragments, int thread, int register, int half, Half value) =>
        fragments[thread * 10 + register] |= (uint)BitConverter.HalfToUInt16Bits(value) << (16 * half);

    private EmulationException Fail(Action<ArrayView<uint>> kernel, int threads)
    {
        using MemoryBuffer1D<uint, Stride1D.Dense> buffer = _accelerator.Allocate1D<uint>(320);
        return Assert.Throws<EmulationException>(() => _accelerator.LoadStreamKernel(kernel)((1, threads), buffer.View));
    }

    private static void Product(ArrayView<uint> fragments)
    {
        int first = Group.IdxX * 10;
        Input<uint> a0 = fragments[first],
            a1 = fragments[first + 1],
            a2 = fragments[first + 2],
            a3 = fragments[first + 3];
        Input<uint> b0 = fragments[first + 4],
            b1 = fragments[first + 5];
        Ref<float> c0 = Interop.IntAsFloat(fragments[first + 6]),
            c1 = Interop.IntAsFloat(fragments[first + 7]);
        Ref<float> c2 = Interop.IntAsFloat(fragments[first + 8]),
            c3 = Interop.IntAsFloat(fragments[first + 9]);
        CudaAsm.EmitRef(Multiply, ref a0, ref a1, ref a2, ref a3, ref b0, ref b1, ref c0, ref c1, ref c2, ref c3);
        fragments[first + 6] = Interop.FloatAsInt(c0.Value);
        fragments[first + 7] = Interop.FloatAsInt(c1.Value);
        fragments[first + 8] = Interop.FloatAsInt(c2.Value);
        fragments[first + 9] = Interop.FloatAsInt(c3.Value);
    }

    private static void HalfProduct(ArrayView<uint> fragments)
    {
        Input<uint> a = 0u;
        Ref<float> c = 0f;
        if (Warp.LaneIdx < 16)
        {
            CudaAsm.EmitRef(Multiply, ref a, ref a, ref a, ref a, ref a, ref a, ref c, ref c, ref c, ref c);
        }
        fragments[Group.IdxX] = Interop.FloatAsInt(c.Value);
    }

    private static void Unordered(ArrayView<uint> fragments)
    {
        ArrayView<uint> shared = SharedMemory.Allocate<uint>(32);
        Input<uint> a = 0u;
        Ref<float> c = 0f;
        shared[Group.IdxX] = 1u;
        CudaAsm.EmitRef(Multiply, ref a, ref a, ref a, ref a, ref a, ref a, ref c, ref c, ref c, ref c);
        fragments[Group.IdxX] = shared[(Group.IdxX + 1) % 32] + Interop.FloatAsInt(c.Value);
    }

    private static void Unknown(ArrayView<uint> fragments)
    {
        CudaAsm.Emit("add.f32 %0, %1, %2;", out uint sum, 1f, 2f);
        fragments[0] = sum;
    }

    private static void Pairs(ArrayView<float> values, ArrayView<uint> pairs)
    {
        CudaAsm.Emit("cvt.rn.f16x2.f32 %0, %1, %2;", out uint pair, values[2 * Group.IdxX], values[2 * Group.IdxX + 1]);
        pairs[Group.IdxX] = pair;
    }

    private static void Ask(ArrayView<uint> answer) => answer[0] = CudaAsm.IsSupported ? 1u : 2u;
}

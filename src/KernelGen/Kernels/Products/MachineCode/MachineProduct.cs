using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using KernelGen.Kernels.Recipes;
using KernelGen.Kernels.Vectors;

namespace KernelGen.Kernels.Products.MachineCode;

/// <summary>
/// Products of repacked rows by machine code: what lengths and pointers it is given is checked here, before each call. The order of
/// float operations is that of the
/// managed kernels, so that results are the same to the bit.
/// </summary>
internal static unsafe class MachineProduct<TRecipe>
    where TRecipe : struct, IInt8Recipe
{
    /// <summary>Blocks of rows of a call; their sums with eight vectors fill 8 KiB of stack where they cannot be stored in place.</summary>
    private const int MostBlocks = 16;

    /// <summary>Bytes of codes that stay in a core's second-level cache while all vectors meet them.</summary>
    private const int NearBytes = 1 << 17;

    /// <summary>Groups of 32 columns that AMX multiplies at once: their weights fill 32 KiB of the first-level cache.</summary>
    public const int TileGroups = 64;

    /// <summary>Vectors of an AMX call.</summary>
    private const int MostTileVectors = 128;

    /// <summary>Multiplies blocks of rows, unless .NET's own kernels are the better choice.</summary>
    /// <param name="matrix">The matrix, which stores sums that cannot be stored in place.</param>
    /// <param name="rows">The repacked rows.</param>
    /// <param name="firstBlock">Index of the first block.</param>
    /// <param name="count">Number of blocks.</param>
    /// <param name="x">The activation vectors.</param>
    /// <param name="y">All results, <c>batch × rows</c>.</param>
    /// <param name="twoDigits">Whether two vectors are the digits of one.</param>
    /// <returns>Whether it did.</returns>
    public static bool TryRun(
        RepackedMatrix<TRecipe> matrix,
        in Int8Rows rows,
        int firstBlock,
        int count,
        in Int8Vectors x,
        Span<float> y,
        bool twoDigits
    )
    {
        MachineKernels kernels = MachineKernels.Current;
        CpuEngine engine = EngineChoice.Of<TRecipe>(kernels, x.Count);
        if (engine < CpuEngine.Vnni)
        {
            return false;
        }
        Check(matrix.Rows, rows, firstBlock, count, x, y, twoDigits);
        fixed (
            byte* codes = rows.Codes,
                halves = rows.Scales
        )
        fixed (
            float* scales = rows.FloatScales,
                offsets = rows.Offsets,
                xScales = x.Scales,
                corrections = x.Corrections,
                totals = x.Totals
        )
        fixed (float* results = y)
        fixed (sbyte* xCodes = x.Codes)
        {
            int scaleStep = KernelShape.Rows * (TRecipe.HalfScales ? sizeof(ushort) : sizeof(float));
            var arguments = new KernelArguments
            {
                Codes = codes,
                Scales = TRecipe.HalfScales ? halves : (byte*)scales,
                Offsets = TRecipe.Offsets ? offsets : null,
                X = xCodes,
                XScales = xScales,
                Corrections = corrections,
                Totals = totals,
                Y = results,
                Groups = rows.Slices * TRecipe.SliceColumns / KernelShape.Group,
                GroupsPerScale = TRecipe.SliceColumns == KernelShape.Group ? TRecipe.SlicesPerScale : 1,
                XStep = (long)x.Count * KernelShape.Group,
                XScaleStep = (long)x.Count * sizeof(float),
                ScaleStep = scaleStep,
                Step = TRecipe.Step,
                HalfScales = TRecipe.HalfScales ? 1 : 0,
            };
            var range = new Range(matrix.Rows, rows.Groups, firstBlock, count, x.Count, rows.IsLarge, twoDigits);
            int tiled = engine == CpuEngine.Amx ? x.Count / EngineChoice.TileVectors * EngineChoice.TileVectors : 0;
            if (tiled > 0)
            {
                RunTiles(matrix, kernels, arguments, range, tiled, y);
            }
            if (tiled < x.Count)
            {
                RunVectors(matrix, kernels, arguments, range, tiled, y);
            }
        }
        return true;
    }

    /// <summary>What of a matrix is multiplied.</summary>
    private readonly record struct Range(int Rows, int ScaleGroups, int FirstBlock, int Count, int Vectors, bool IsLarge, bool TwoDigits)
    {
        /// <summary>Whether blocks lie whole in the results.</summary>
        public bool IsDirect(int block, int many) => !TwoDigits && (block + many) * KernelShape.Rows <= Rows;
    }

    [SkipLocalsInit] // sums are stored before they are read
    private static void RunVectors(
        RepackedMatrix<TRecipe> matrix,
        MachineKernels kernels,
        KernelArguments arguments,
        in Range range,
        int firstVector,
        Span<float> y
    )
    {
        byte* table = stackalloc byte[64];
        MachineRecipe<TRecipe>.FillTable(KernelEngine.Vnni, new(table, 64));
        arguments.Table = table;
        ReadOnlySpan<int> sizes = KernelShape.VnniVectors;
        Span<float> sums = stackalloc float[MostBlocks * KernelShape.Rows * sizes[0]];
        long blockBytes = arguments.Groups * Int8Layout<TRecipe>.SliceBytes * (KernelShape.Group / TRecipe.SliceColumns);
        int blocks = (int)Math.Clamp(NearBytes / blockBytes, 1, MostBlocks),
            end = range.FirstBlock + range.Count;
        fixed (float* buffer = sums)
        {
            for (int block = range.FirstBlock, many; block < end; block += many)
            {
                many = Math.Min(blocks, end - block);
                bool direct = range.IsDirect(block, many);
                KernelArguments call = AtBlock(arguments, range, block, blockBytes);
                call.Count = many;
                call.YStep = sizeof(float) * (direct ? range.Rows : many * KernelShape.Rows);
                for (int v = firstVector; v < range.Vectors; )
                {
                    int size = 0;
                    while (sizes[size] > range.Vectors - v)
                    {
                        size++;
                    }
                    KernelArguments own = AtVector(call, v);
                    own.Kernel = MachineRecipe<TRecipe>.Vnni + size;
                    own.Fetch = range.IsLarge && v == firstVector ? 1 : 0;
                    own.Y = direct ? arguments.Y + (long)v * range.Rows + block * KernelShape.Rows : buffer;
                    kernels.Call(&own);
                    if (!direct)
                    {
                        matrix.Scatter<Int8Lanes512>(sums, many * KernelShape.Rows, block, v, sizes[size], y, range.TwoDigits);
                    }
                    v += sizes[size];
                }
            }
        }
    }

    [SkipLocalsInit]
    private static void RunTiles(
        RepackedMatrix<TRecipe> matrix,
        MachineKernels kernels,
        KernelArguments arguments,
        in Range range,
        int vectors,
        Span<float> y
    )
    {
        const int Products = KernelShape.AmxAhead * 1024 * 2,
            Weights = TileGroups * KernelShape.Group * KernelShape.Rows;
        byte* table = stackalloc byte[64],
            configuration = stackalloc byte[64];
        MachineRecipe<TRecipe>.FillTable(KernelEngine.Amx, new(table, 64));
        ConfigureTiles(new(configuration, 64));
        Span<float> sums = stackalloc float[MostTileVectors * KernelShape.Rows];
        // the ring of products begins at a multiple of its size
        byte* room = stackalloc byte[2 * Products + Weights];
        room = (byte*)(((nint)room + Products - 1) & -Products);
        arguments.Table = table;
        arguments.TileConfiguration = configuration;
        arguments.Products = room;
        arguments.Weights = room + Products;
        arguments.Kernel = MachineRecipe<TRecipe>.Amx;
        long blockBytes = arguments.Groups * Int8Layout<TRecipe>.SliceBytes * (KernelShape.Group / TRecipe.SliceColumns);
        // a part of a row ends with a scale
        long part = TileGroups / arguments.GroupsPerScale * arguments.GroupsPerScale;
        fixed (float* buffer = sums)
        {
            for (int block = range.FirstBlock; block < range.FirstBlock + range.Count; block++)
            {
                bool direct = range.IsDirect(block, 1);
                KernelArguments call = AtBlock(arguments, range, block, blockBytes);
                call.YStep = sizeof(float) * (direct ? range.Rows : KernelShape.Rows);
                for (int v = 0; v < vectors; v += MostTileVectors)
                {
                    int many = Math.Min(MostTileVectors, vectors - v);
                    KernelArguments own = AtVector(call, v);
                    own.Fetch = range.IsLarge && v == 0 ? 1 : 0;
                    own.Y = direct ? arguments.Y + (long)v * range.Rows + block * KernelShape.Rows : buffer;
                    RunParts(kernels, own, many / KernelShape.AmxVectors, part);
                    if (!direct)
                    {
                        matrix.Scatter<Int8Lanes512>(sums, KernelShape.Rows, block, v, many, y, range.TwoDigits);
                    }
                }
            }
        }
    }

    /// <summary>A block of rows, so many groups of columns at a time.</summary>
    private static void RunParts(MachineKernels kernels, KernelArguments block, int vectorGroups, long part)
    {
        float step = block.Step;
        for (long left = block.Groups; left > 0; left -= part)
        {
            KernelArguments call = block;
            call.Count = vectorGroups;
            call.Groups = Math.Min(part, left);
            call.Step = left <= part ? step : 1;
            kernels.Call(&call);
            long slices = part * (KernelShape.Group / TRecipe.SliceColumns),
                scales = slices / TRecipe.SlicesPerScale;
            block.Resume = 1;
            block.Codes += slices * Int8Layout<TRecipe>.SliceBytes;
            block.Scales += scales * block.ScaleStep;
            block.Offsets = block.Offsets is null ? null : block.Offsets + scales * KernelShape.Rows;
            block.X += part * block.XStep;
            block.XScales += part * block.XScaleStep / sizeof(float);
            block.Corrections += slices * block.XScaleStep / sizeof(float);
            block.Totals += slices * block.XScaleStep / sizeof(float);
        }
    }

    /// <summary>Tile 0 has 16 vectors of activations, tile 1 four columns of 16 weights in each row, tiles 2 and 3 the products.</summary>
    private static void ConfigureTiles(Span<byte> configuration)
    {
        configuration.Clear();
        configuration[0] = 1; // palette
        Span<ushort> bytes = MemoryMarshal.Cast<byte, ushort>(configuration[16..48]);
        Span<byte> rows = configuration[48..];
        (bytes[0], rows[0]) = ((ushort)TRecipe.SliceColumns, KernelShape.AmxVectors);
        (bytes[1], rows[1]) = (64, (byte)(TRecipe.SliceColumns / 4));
        (bytes[2], rows[2]) = (64, KernelShape.AmxVectors);
        (bytes[3], rows[3]) = (64, KernelShape.AmxVectors);
    }

    private static KernelArguments AtBlock(KernelArguments matrix, in Range range, int block, long blockBytes)
    {
        long scales = (long)block * range.ScaleGroups;
        matrix.Codes += block * blockBytes;
        matrix.Scales += scales * matrix.ScaleStep;
        matrix.Offsets = matrix.Offsets is null ? null : matrix.Offsets + scales * KernelShape.Rows;
        return matrix;
    }

    private static KernelArguments AtVector(KernelArguments call, int vector)
    {
        call.X += vector * KernelShape.Group;
        call.XScales += vector;
        call.Corrections += vector;
        call.Totals += vector;
        return call;
    }

    /// <summary>Everything that a kernel reads or writes lies in its span.</summary>
    private static void Check(int matrixRows, in Int8Rows rows, int firstBlock, int count, in Int8Vectors x, Span<float> y, bool twoDigits)
    {
        long blocks = (long)firstBlock + count,
            slices = rows.Slices,
            groups = slices * TRecipe.SliceColumns / KernelShape.Group,
            scales = blocks * rows.Groups * KernelShape.Rows,
            vectors = x.Count;
        RequireShape(firstBlock >= 0 && count > 0 && slices > 0 && vectors > 0);
        RequireShape(slices * TRecipe.SliceColumns % KernelShape.Group == 0);
        RequireShape(rows.Groups == (slices + TRecipe.SlicesPerScale - 1) / TRecipe.SlicesPerScale);
        Require(blocks * slices * Int8Layout<TRecipe>.SliceBytes, rows.Codes.Length);
        Require(scales, TRecipe.HalfScales ? rows.Scales.Length / sizeof(ushort) : rows.FloatScales.Length);
        Require(TRecipe.Offsets ? scales : 0, rows.Offsets.Length);
        Require(vectors * groups * KernelShape.Group, x.Codes.Length);
        Require(vectors * groups, x.Scales.Length);
        Require(MachineRecipe<TRecipe>.Rule == KernelRule.Scaled ? 0 : vectors * slices, x.Corrections.Length);
        Require(TRecipe.Offsets ? vectors * slices : 0, x.Totals.Length);
        Require((twoDigits ? vectors / 2 : vectors) * matrixRows, y.Length);
    }

    private static void RequireShape(bool holds, [CallerArgumentExpression(nameof(holds))] string? text = null)
    {
        if (!holds)
        {
            throw new InvalidOperationException($"Machine code is called with a shape of which this does not hold: {text}.");
        }
    }

    private static void Require(long needed, long there, [CallerArgumentExpression(nameof(there))] string? name = null)
    {
        if (there < needed)
        {
            throw new InvalidOperationException($"Machine code needs {needed} elements of {name}; there are {there}.");
        }
    }
}

using System.Runtime.InteropServices;
using KernelGen.Kernels.Products.MachineCode;

namespace KernelGen.MachineCode.Tests;

/// <summary>Operands of one kernel, with extreme codes among them, and the products one weight at a time.</summary>
internal sealed unsafe class KernelCase
{
    private readonly KernelShape _shape;
    private readonly int _index,
        _blocks,
        _groups,
        _groupsPerScale,
        _scaleGroups,
        _slices,
        _vectors;
    private readonly bool _halves,
        _hasOffsets,
        _resumes;
    private readonly byte[] _codes,
        _table = new byte[16];
    private readonly Half[] _halfScales;
    private readonly float[] _scales,
        _offsets,
        _xScales,
        _corrections,
        _totals,
        _start;
    private readonly sbyte[] _x;
    private readonly float _step;

    public KernelCase(int kernel, int groups, int groupsPerScale, bool halves, bool hasOffsets, int seed)
    {
        var random = new Random(seed);
        _index = kernel;
        _shape = KernelShape.All[kernel];
        bool tiles = _shape.Engine == KernelEngine.Amx;
        _blocks = tiles ? 1 : 1 + random.Next(3);
        _vectors = _shape.Vectors * (tiles ? 2 : 1) + random.Next(3);
        _groups = groups;
        _groupsPerScale = _shape.Columns == 16 ? 1 : groupsPerScale;
        _slices = groups * KernelShape.Group / _shape.Columns;
        _scaleGroups = _shape.Columns == 16 ? _slices : (groups + _groupsPerScale - 1) / _groupsPerScale;
        (_halves, _hasOffsets, _resumes) = (halves, hasOffsets, tiles && random.Next(2) == 0);
        _step = random.Next(2) == 0 ? 1 : .5f;
        _codes = new byte[_blocks * groups * _shape.GroupBytes];
        random.NextBytes(_codes);
        random.NextBytes(_table);
        _x = new sbyte[_vectors * groups * KernelShape.Group];
        random.NextBytes(MemoryMarshal.AsBytes(_x.AsSpan()));
        Extremes(random);
        _halfScales = [.. Numbers(random, _blocks * _scaleGroups * 16).Select(number => (Half)number)];
        _scales = [.. _halfScales.Select(number => (float)number * (halves ? 1 : 1.0001f))];
        _offsets = Numbers(random, _scales.Length);
        _xScales = Numbers(random, _vectors * groups);
        _totals = Numbers(random, _vectors * _slices);
        _corrections = Numbers(random, _vectors * _slices);
        _start = Numbers(random, Stride * _vectors);
        if (_shape is { Engine: KernelEngine.Vnni, Rule: KernelRule.Signed })
        {
            for (int slice = 0; slice < _slices; slice++)
            {
                for (int v = 0; v < _vectors; v++)
                {
                    int sum = Enumerable.Range(0, _shape.Columns).Sum(column => X(v, slice * _shape.Columns + column));
                    _corrections[slice * _vectors + v] = BitConverter.Int32BitsToSingle(-128 * sum);
                }
            }
        }
    }

    /// <summary>From the sums of one vector to those of the next: a few more than rows.</summary>
    private int Stride => _blocks * KernelShape.Rows + 3;

    /// <summary>The products as kernels compute them.</summary>
    public float[] Run(MachineKernels kernels)
    {
        float[] y = [.. _start];
        byte[] table = [.. Enumerable.Range(0, 64).Select(i => Biased(_table[i % 16]))];
        byte* configuration = stackalloc byte[64];
        Configure(new Span<byte>(configuration, 64));
        byte* room = (byte*)NativeMemory.AlignedAlloc(8192, 8192);
        byte[] weights = new byte[_groups * 512];
        fixed (
            byte* codes = _codes,
                tablePointer = table,
                weightsPointer = weights
        )
        fixed (Half* halves = _halfScales)
        fixed (
            float* scales = _scales,
                offsets = _offsets,
                xScales = _xScales,
                corrections = _corrections,
                totals = _totals,
                sums = y
        )
        fixed (sbyte* x = _x)
        {
            var arguments = new KernelArguments
            {
                Kernel = _index,
                Codes = codes,
                Scales = _halves ? (byte*)halves : (byte*)scales,
                Offsets = _hasOffsets ? offsets : null,
                X = x,
                XScales = xScales,
                Corrections = corrections,
                Totals = totals,
                Y = sums,
                YStep = Stride * sizeof(float),
                Count = _shape.Engine == KernelEngine.Amx ? 2 : _blocks,
                Groups = _groups,
                GroupsPerScale = _groupsPerScale,
                XStep = _vectors * KernelShape.Group,
                XScaleStep = _vectors * sizeof(float),
                ScaleStep = _halves ? 32 : 64,
                Table = tablePointer,
                TileConfiguration = configuration,
                Weights = weightsPointer,
                Products = room,
                Step = _step,
                HalfScales = _halves ? 1 : 0,
                Fetch = _groups % 2,
                Resume = _resumes ? 1 : 0,
            };
            kernels.Call(&arguments);
        }
        NativeMemory.AlignedFree(room);
        Interpreted.Check();
        return y;
    }

    /// <summary>The products, in the same order of float operations.</summary>
    public float[] Reference()
    {
        float[] y = [.. _start];
        int vectors = _shape.Engine == KernelEngine.Amx ? 2 * _shape.Vectors : _shape.Vectors;
        for (int row = 0; row < _blocks * KernelShape.Rows; row++)
        {
            for (int v = 0; v < vectors; v++)
            {
                float sum = _resumes ? y[v * Stride + row] : 0;
                for (int slice = 0; slice < _slices; slice++)
                {
                    sum = Add(sum, row, v, slice);
                }
                y[v * Stride + row] = sum * _step;
            }
        }
        return y;
    }

    private float Add(float sum, int row, int v, int slice)
    {
        int dot = 0,
            group = slice * _shape.Columns / KernelShape.Group;
        for (int column = slice * _shape.Columns; column < (slice + 1) * _shape.Columns; column++)
        {
            dot += Weight(row, column) * X(v, column);
        }
        int scaleGroup = _shape.Columns == 16 ? slice : group / _groupsPerScale,
            at = (row / 16 * _scaleGroups + scaleGroup) * 16 + row % 16;
        float scale = _halves ? (float)_halfScales[at] : _scales[at],
            activation = _xScales[group * _vectors + v];
        sum =
            _shape.Rule == KernelRule.Corrected
                ? MathF.FusedMultiplyAdd(MathF.FusedMultiplyAdd(dot, activation, _corrections[slice * _vectors + v]), scale, sum)
                : MathF.FusedMultiplyAdd(dot, scale * activation, sum);
        return _hasOffsets ? MathF.FusedMultiplyAdd(_offsets[at], _totals[slice * _vectors + v], sum) : sum;
    }

    private sbyte X(int v, int column) => _x[(column / 32 * _vectors + v) * 32 + column % 32];

    /// <summary>The integer of a weight: dword r of a vector belongs to row r and holds four columns, or eight in nibbles.</summary>
    private int Weight(int row, int column)
    {
        int start = (row / 16 * _groups + column / 32) * _shape.GroupBytes,
            within = column % 32;
        if (!_shape.HasNibbles)
        {
            byte value = _codes[start + within / 4 * 64 + row % 16 * 4 + within % 4];
            return _shape.Codes == KernelCodes.SignedBytes ? (sbyte)value : value;
        }
        int pair = _codes[start + within / 8 * 64 + row % 16 * 4 + within % 4],
            code = within % 8 < 4 ? pair & 15 : pair >> 4;
        return _shape.Codes == KernelCodes.Nibbles ? code
            : _shape.Rule == KernelRule.Signed ? (sbyte)_table[code]
            : _table[code];
    }

    private byte Biased(byte value) => (byte)(_shape is { Engine: KernelEngine.Vnni, Rule: KernelRule.Signed } ? value ^ 128 : value);

    private void Configure(Span<byte> configuration)
    {
        configuration.Clear();
        configuration[0] = 1;
        Span<ushort> bytes = MemoryMarshal.Cast<byte, ushort>(configuration[16..48]);
        (bytes[0], bytes[1], bytes[2], bytes[3]) = ((ushort)_shape.Columns, 64, 64, 64);
        (configuration[48], configuration[49], configuration[50], configuration[51]) = (16, (byte)(_shape.Columns / 4), 16, 16);
    }

    /// <summary>A row and a vector with nothing but the largest and smallest bytes.</summary>
    private void Extremes(Random random)
    {
        for (int i = 0; i < _codes.Length; i++)
        {
            if (i / 4 % 16 is 3 or 7)
            {
                _codes[i] = (byte)(i / 4 % 16 == 3 ? 0xFF : 0x80);
            }
        }
        (_table[15], _table[8], _table[0]) = (0xFF, 0x80, 0x7F);
        for (int i = 0; i < _x.Length; i++)
        {
            int vector = i / 32 % _vectors;
            _x[i] = vector switch
            {
                0 => sbyte.MinValue,
                1 => sbyte.MaxValue,
                2 => random.Next(2) == 0 ? sbyte.MinValue : sbyte.MaxValue,
                _ => _x[i],
            };
        }
    }

    private static float[] Numbers(Random random, int count) =>
        [.. Enumerable.Range(0, count).Select(_ => (random.NextSingle() - .5f) * MathF.ScaleB(1, random.Next(-12, 13)))];
}

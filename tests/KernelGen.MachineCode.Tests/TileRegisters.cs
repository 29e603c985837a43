using Iced.Intel;

namespace KernelGen.MachineCode.Tests;

/// <summary>The tiles of AMX and the instructions on them.</summary>
internal sealed unsafe class TileRegisters
{
    private readonly byte[][] _tiles = [.. Enumerable.Range(0, 8).Select(_ => new byte[1024])];
    private readonly int[] _rows = new int[8],
        _bytes = new int[8];

    public delegate void* AddressOf(Instruction instruction);

    /// <summary>Whether tiles are in use.</summary>
    public bool AreConfigured { get; private set; }

    /// <summary>Executes an instruction on tiles; false if it is none.</summary>
    public bool Step(in Instruction i, AddressOf address)
    {
        switch (i.Mnemonic)
        {
            case Mnemonic.Ldtilecfg:
                Configure((byte*)address(i));
                return true;
            case Mnemonic.Tilerelease:
                AreConfigured = false;
                return true;
            case Mnemonic.Tilezero:
                Array.Clear(Tile(i.Op0Register));
                return true;
            case Mnemonic.Tileloadd:
                Move(i.Op0Register, (byte*)address(i), i, address, load: true);
                return true;
            case Mnemonic.Tilestored:
                Move(i.Op1Register, (byte*)address(i), i, address, load: false);
                return true;
            case Mnemonic.Tdpbssd:
                Multiply(i, unsigned: false);
                return true;
            case Mnemonic.Tdpbsud:
                Multiply(i, unsigned: true);
                return true;
            default:
                return false;
        }
    }

    private void Configure(byte* configuration)
    {
        Assert.Equal(1, configuration[0]);
        for (int tile = 0; tile < 8; tile++)
        {
            (_bytes[tile], _rows[tile]) = (((ushort*)(configuration + 16))[tile], configuration[48 + tile]);
            Assert.InRange(_bytes[tile], 0, 64);
            Assert.InRange(_rows[tile], 0, 16);
            Array.Clear(_tiles[tile]);
        }
        AreConfigured = true;
    }

    private byte[] Tile(Register register)
    {
        Assert.True(AreConfigured && _rows[register - Register.TMM0] > 0);
        return _tiles[register - Register.TMM0];
    }

    /// <summary>
    /// Rows of a tile lie a stride apart, the index register of the operand (times its scale), and the base is where the first one
    /// is.
    /// </summary>
    private void Move(Register register, byte* start, in Instruction i, AddressOf address, bool load)
    {
        byte[] tile = Tile(register);
        Instruction first = i;
        first.MemoryIndex = Register.None;
        byte* row = (byte*)address(first);
        nint stride = (nint)(start - row);
        for (int r = 0; r < _rows[register - Register.TMM0]; r++, row += stride)
        {
            Span<byte> own = tile.AsSpan(64 * r, _bytes[register - Register.TMM0]);
            var there = new Span<byte>(row, own.Length);
            if (load)
            {
                tile.AsSpan(64 * r, 64).Clear();
                there.CopyTo(own);
            }
            else
            {
                own.CopyTo(there);
            }
        }
    }

    private void Multiply(in Instruction i, bool unsigned)
    {
        (int target, int left, int right) = (i.Op0Register - Register.TMM0, i.Op1Register - Register.TMM0, i.Op2Register - Register.TMM0);
        byte[] c = Tile(i.Op0Register),
            a = Tile(i.Op1Register),
            b = Tile(i.Op2Register);
        // the shapes that the processor insists on
        Assert.Equal((_rows[left], _bytes[right]), (_rows[target], _bytes[target]));
        Assert.Equal(_bytes[left], 4 * _rows[right]);
        for (int m = 0; m < _rows[target]; m++)
        {
            for (int n = 0; n < _bytes[target] / 4; n++)
            {
                int sum = BitConverter.ToInt32(c, 64 * m + 4 * n);
                for (int k = 0; k < _bytes[left]; k++)
                {
                    byte weight = b[64 * (k / 4) + 4 * n + k % 4];
                    sum += (sbyte)a[64 * m + k] * (unsigned ? weight : (sbyte)weight);
                }
                BitConverter.TryWriteBytes(c.AsSpan(64 * m + 4 * n), sum);
            }
        }
    }
}

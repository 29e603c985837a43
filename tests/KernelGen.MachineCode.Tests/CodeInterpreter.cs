using Iced.Intel;
using KernelGen.Kernels.Products.MachineCode;

namespace KernelGen.MachineCode.Tests;

/// <summary>
/// Executes the bytes of a kernel, on any machine: the registers, vectors and tiles of the processor, and the meaning of each
/// instruction by its manual. What a
/// kernel does to memory happens to memory.
/// </summary>
internal sealed unsafe class CodeInterpreter
{
    /// <summary>32-bit elements of a vector.</summary>
    private const int Lanes = 16;

    private readonly Instruction[] _program;
    private readonly Dictionary<ulong, int> _places = [];
    private readonly ulong[] _general = new ulong[16];
    private readonly uint[][] _vectors = [.. Enumerable.Range(0, 32).Select(_ => new uint[Lanes])];
    private readonly TileRegisters _tiles = new();
    private readonly Stack<ulong> _stack = [];
    private bool _isZero;
    private int _next;

    public CodeInterpreter(ReadOnlySpan<byte> code)
    {
        var decoder = Decoder.Create(64, new ByteArrayCodeReader(code.ToArray()));
        List<Instruction> program = [];
        while (decoder.IP < (ulong)code.Length)
        {
            _places[decoder.IP] = program.Count;
            program.Add(decoder.Decode());
        }
        _program = [.. program];
    }

    /// <summary>Calls the kernel.</summary>
    public void Run(KernelArguments* arguments)
    {
        // nothing but the argument is known when a function begins
        Array.Fill(_general, 0xDEAD_BEEF_DEAD_BEEF);
        foreach (uint[] vector in _vectors)
        {
            Array.Fill(vector, 0x7FC0_DEADu);
        }
        ulong[] before = [.. _general];
        _general[Register.RDI - Register.RAX] = (ulong)arguments;
        for (_next = 0; _program[_next].Mnemonic != Mnemonic.Ret; )
        {
            Step(_program[_next++]);
        }
        Assert.Empty(_stack);
        Assert.False(_tiles.AreConfigured);
        foreach (Register saved in new[] { Register.RBX, Register.RBP, Register.R12, Register.R13, Register.R14, Register.R15 })
        {
            Assert.Equal(before[saved - Register.RAX], _general[saved - Register.RAX]);
        }
    }

    private void Step(in Instruction i)
    {
        switch (i.Mnemonic)
        {
            case Mnemonic.Push:
                _stack.Push(General(i.Op0Register));
                break;
            case Mnemonic.Pop:
                SetGeneral(i.Op0Register, _stack.Pop());
                break;
            case Mnemonic.Mov when i.Op0Kind == OpKind.Memory:
                *(ulong*)Address(i) = General(i.Op1Register);
                break;
            case Mnemonic.Mov:
                SetGeneral(i.Op0Register, Source(i, 1));
                break;
            case Mnemonic.Lea:
                SetGeneral(i.Op0Register, (ulong)Address(i));
                break;
            case Mnemonic.Add:
                Write(i, Source(i, 0) + Source(i, 1));
                break;
            case Mnemonic.Sub:
                Write(i, Source(i, 0) - Source(i, 1));
                break;
            case Mnemonic.Dec:
                Write(i, Source(i, 0) - 1);
                break;
            case Mnemonic.Cmp:
                _isZero = Source(i, 0) == Source(i, 1);
                break;
            case Mnemonic.Test:
                _isZero = (Source(i, 0) & Source(i, 1)) == 0;
                break;
            case Mnemonic.Je when _isZero:
            case Mnemonic.Jne when !_isZero:
            case Mnemonic.Jmp:
                _next = _places[i.NearBranchTarget];
                break;
            case Mnemonic.Je or Mnemonic.Jne or Mnemonic.Prefetcht0 or Mnemonic.Prefetchw or Mnemonic.Vzeroupper:
                break;
            default:
                if (!_tiles.Step(i, Address))
                {
                    Vector(i);
                }
                break;
        }
    }

    private void Vector(in Instruction i)
    {
        if (i.Op0Kind == OpKind.Memory)
        {
            Assert.True(i.Mnemonic is Mnemonic.Vmovups or Mnemonic.Vmovdqu32);
            Of(i.Op1Register).CopyTo(new Span<uint>(Address(i), Lanes));
            return;
        }
        uint[] target = Of(i.Op0Register),
            result = new uint[Lanes];
        switch (i.Mnemonic)
        {
            case Mnemonic.Vpbroadcastd or Mnemonic.Vbroadcastss:
                Array.Fill(result, i.Op1Kind == OpKind.Memory ? *(uint*)Address(i) : (uint)General(i.Op1Register));
                break;
            case Mnemonic.Vmovups or Mnemonic.Vmovdqu32:
                result = Read(i, 1);
                break;
            case Mnemonic.Vcvtph2ps:
                for (int lane = 0; lane < Lanes; lane++)
                {
                    result[lane] = BitConverter.SingleToUInt32Bits((float)((Half*)Address(i))[lane]);
                }
                break;
            case Mnemonic.Vcvtdq2ps:
                result = Array.ConvertAll(Read(i, 1), value => BitConverter.SingleToUInt32Bits((int)value));
                break;
            case Mnemonic.Vpsrlw:
                byte count = i.Immediate8;
                result = Array.ConvertAll(Read(i, 1), value => (value >> 16 >> count << 16) | ((value & 0xFFFF) >> count));
                break;
            default:
                uint[] a = Read(i, 1),
                    b = Read(i, 2);
                for (int lane = 0; lane < Lanes; lane++)
                {
                    result[lane] = Element(i.Mnemonic, target[lane], a[lane], b[lane], a, lane);
                }
                break;
        }
        result.CopyTo(target, 0);
    }

    private static uint Element(Mnemonic mnemonic, uint target, uint a, uint b, uint[] table, int lane) =>
        mnemonic switch
        {
            Mnemonic.Vpandd => a & b,
            Mnemonic.Vpxord => a ^ b,
            Mnemonic.Vpshufb => Shuffle(table, b, lane),
            Mnemonic.Vpdpbusd => (uint)((int)target + Dot(a, b)),
            Mnemonic.Vmulps => Bits(Number(a) * Number(b)),
            Mnemonic.Vfmadd231ps => Bits(MathF.FusedMultiplyAdd(Number(a), Number(b), Number(target))),
            _ => throw new NotSupportedException($"The interpreter does not know {mnemonic}."),
        };

    private static uint Bits(float number) => BitConverter.SingleToUInt32Bits(number);

    private static float Number(uint bits) => BitConverter.UInt32BitsToSingle(bits);

    /// <summary>Bytes of the same 128 bits.</summary>
    private static uint Shuffle(uint[] table, uint indices, int lane)
    {
        uint result = 0;
        for (int k = 0; k < 4; k++)
        {
            uint index = indices >> 8 * k & 255,
                value = index >= 128 ? 0 : table[lane / 4 * 4 + (index & 15) / 4] >> (int)(8 * (index & 3)) & 255;
            result |= value << 8 * k;
        }
        return result;
    }

    /// <summary>Four unsigned bytes times four signed ones.</summary>
    private static int Dot(uint unsigned, uint signed)
    {
        int sum = 0;
        for (int k = 0; k < 4; k++)
        {
            sum += (byte)(unsigned >> 8 * k) * (sbyte)(signed >> 8 * k);
        }
        return sum;
    }

    private uint[] Of(Register register) => _vectors[register - Register.ZMM0];

    private uint[] Read(in Instruction i, int operand)
    {
        if (i.GetOpKind(operand) != OpKind.Memory)
        {
            return Of(i.GetOpRegister(operand));
        }
        uint* source = (uint*)Address(i);
        var value = new uint[Lanes];
        for (int lane = 0; lane < Lanes; lane++)
        {
            value[lane] = source[i.IsBroadcast ? 0 : lane];
        }
        return value;
    }

    private void* Address(Instruction i)
    {
        ulong index = i.MemoryIndex == Register.None ? 0 : General(i.MemoryIndex) * (ulong)i.MemoryIndexScale;
        return (void*)(General(i.MemoryBase) + index + i.MemoryDisplacement64);
    }

    private static bool IsDword(in Instruction i) => i.Op0Kind == OpKind.Memory && i.MemorySize is MemorySize.UInt32 or MemorySize.Int32;

    private ulong Source(in Instruction i, int operand) =>
        i.GetOpKind(operand) switch
        {
            OpKind.Register => General(i.GetOpRegister(operand)),
            OpKind.Memory => IsDword(i) ? *(uint*)Address(i) : *(ulong*)Address(i),
            _ => i.GetImmediate(operand),
        };

    private void Write(in Instruction i, ulong value)
    {
        _isZero = value == 0;
        if (i.Op0Kind == OpKind.Memory)
        {
            Assert.False(IsDword(i));
            *(ulong*)Address(i) = value;
        }
        else
        {
            SetGeneral(i.Op0Register, value);
        }
    }

    private ulong General(Register register) =>
        register is >= Register.EAX and <= Register.R15D ? (uint)_general[register - Register.EAX] : _general[register - Register.RAX];

    private void SetGeneral(Register register, ulong value)
    {
        if (register is >= Register.EAX and <= Register.R15D)
        {
            _general[register - Register.EAX] = (uint)value;
        }
        else
        {
            _general[register - Register.RAX] = value;
        }
    }
}

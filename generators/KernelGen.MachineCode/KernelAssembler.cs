using System.Runtime.InteropServices;
using Iced.Intel;
using KernelGen.Kernels.Products.MachineCode;
using static Iced.Intel.AssemblerRegisters;

namespace KernelGen.MachineCode;

/// <summary>
/// What all kernels share. They are leaves of the System V convention: one argument in rdi, a pointer to <see
/// cref="KernelArguments"/>; the stack
/// has only saved registers. Registers keep one meaning from the first instruction to the last.
/// </summary>
internal abstract class KernelAssembler(KernelShape shape)
{
    /// <summary>How far ahead of the loads weights are asked for where they come from memory.</summary>
    private const int FetchDistance = 8192;

    protected static readonly AssemblerRegister64 Arguments = rdi,
        Codes = rsi,
        Scales = rdx,
        X = rcx,
        XScales = r8,
        Corrections = r9,
        Totals = r10,
        Offsets = r11,
        GroupsLeft = rax,
        XStep = rbx,
        XScaleStep = rbp,
        LeftUnderScale = r12;

    /// <summary>Vector registers by what they are for; sums are zmm0 and up.</summary>
    protected static readonly AssemblerRegisterZMM Scale = zmm24,
        Offset = zmm25,
        Mask = zmm28,
        Table = zmm29,
        Bias = zmm30;

    protected static readonly AssemblerRegisterZMM[] Zmm =
    [
        zmm0,
        zmm1,
        zmm2,
        zmm3,
        zmm4,
        zmm5,
        zmm6,
        zmm7,
        zmm8,
        zmm9,
        zmm10,
        zmm11,
        zmm12,
        zmm13,
        zmm14,
        zmm15,
        zmm16,
        zmm17,
        zmm18,
        zmm19,
        zmm20,
        zmm21,
        zmm22,
        zmm23,
    ];

    private static readonly AssemblerRegister64[] s_saved = [rbx, rbp, r12, r13, r14, r15];

    private readonly Dictionary<int, string> _notes = [];

    protected KernelShape Shape => shape;

    protected Assembler Code { get; } = new(64);

    /// <summary>Slices of a group of 32 columns.</summary>
    protected int Slices => KernelShape.Group / shape.Columns;

    /// <summary>Assembles the kernel.</summary>
    public static AssembledKernel Assemble(KernelShape shape)
    {
        KernelAssembler kernel = shape.Engine == KernelEngine.Vnni ? new VnniKernel(shape) : new AmxKernel(shape);
        kernel.Emit();
        using var stream = new MemoryStream();
        kernel.Code.Assemble(new StreamCodeWriter(stream), 0);
        return new(shape, stream.ToArray(), kernel._notes);
    }

    protected abstract void Emit();

    /// <summary>A comment for the listing, at the next instruction.</summary>
    protected void Note(string text) => _notes[Code.Instructions.Count] = text;

    protected static int At(string field) => (int)Marshal.OffsetOf<KernelArguments>(field);

    /// <summary>Saves registers and makes constants.</summary>
    protected void Enter()
    {
        Note("saved: the caller's registers");
        foreach (AssemblerRegister64 register in s_saved)
        {
            Code.push(register);
        }
        if (shape.HasNibbles)
        {
            Note("four bits of each byte");
            Code.mov(eax, 0x0F0F0F0F);
            Code.vpbroadcastd(Mask, eax);
        }
        if (shape.Codes == KernelCodes.Table)
        {
            Code.mov(rax, __[Arguments + At(nameof(KernelArguments.Table))]);
            Code.vmovdqu32(Table, __[rax]);
        }
        if (shape is { Engine: KernelEngine.Vnni, Codes: KernelCodes.SignedBytes })
        {
            Note("flipping the sign bit of w gives w + 128, unsigned as vpdpbusd wants it");
            Code.mov(eax, unchecked((int)0x80808080));
            Code.vpbroadcastd(Bias, eax);
        }
        Code.mov(XStep, __[Arguments + At(nameof(KernelArguments.XStep))]);
        Code.mov(XScaleStep, __[Arguments + At(nameof(KernelArguments.XScaleStep))]);
    }

    protected void Leave()
    {
        Code.vzeroupper();
        foreach (AssemblerRegister64 register in s_saved.Reverse())
        {
            Code.pop(register);
        }
        Code.ret();
    }

    /// <summary>The pointers to the activations go back to the first group.</summary>
    protected void RestartActivations()
    {
        Code.mov(X, __[Arguments + At(nameof(KernelArguments.X))]);
        Code.mov(XScales, __[Arguments + At(nameof(KernelArguments.XScales))]);
        Code.mov(Corrections, __[Arguments + At(nameof(KernelArguments.Corrections))]);
        Code.mov(Totals, __[Arguments + At(nameof(KernelArguments.Totals))]);
        Code.mov(LeftUnderScale, __[Arguments + At(nameof(KernelArguments.GroupsPerScale))]);
        Code.mov(GroupsLeft, __[Arguments + At(nameof(KernelArguments.Groups))]);
    }

    /// <summary>Asks for the weights of a group ahead, if the caller wants it.</summary>
    protected void Fetch()
    {
        Label after = Code.CreateLabel();
        Code.cmp(__dword_ptr[Arguments + At(nameof(KernelArguments.Fetch))], 0);
        Code.je(after);
        for (int line = 0; line < shape.GroupBytes; line += 64)
        {
            Code.prefetcht0(__[Codes + FetchDistance + line]);
        }
        Code.Label(ref after);
    }

    /// <summary>Nibbles of 64 bytes to two registers.</summary>
    protected void Spread(AssemblerRegisterZMM low, AssemblerRegisterZMM high, AssemblerMemoryOperand source)
    {
        Note("low nibbles: four columns; high nibbles: the next four");
        Code.vmovdqu32(low, source);
        Code.vpsrlw(high, low, 4);
        Code.vpandd(low, low, Mask);
        Code.vpandd(high, high, Mask);
        if (shape.Codes == KernelCodes.Table)
        {
            Code.vpshufb(low, Table, low);
            Code.vpshufb(high, Table, high);
        }
    }

    /// <summary>The scales of 16 rows.</summary>
    protected void LoadScale()
    {
        Label floats = Code.CreateLabel(),
            after = Code.CreateLabel();
        Code.cmp(__dword_ptr[Arguments + At(nameof(KernelArguments.HalfScales))], 0);
        Code.je(floats);
        Code.vcvtph2ps(Scale, __ymmword_ptr[Scales]);
        Code.jmp(after);
        Code.Label(ref floats);
        Code.vmovups(Scale, __zmmword_ptr[Scales]);
        Code.Label(ref after);
    }

    /// <summary>A dot product joins its sum.</summary>
    /// <param name="vector">Index of the vector.</param>
    /// <param name="sum">Its sums.</param>
    /// <param name="dot">Its dot products as float32.</param>
    /// <param name="scratch">A register to spare.</param>
    protected void Accumulate(int vector, AssemblerRegisterZMM sum, AssemblerRegisterZMM dot, AssemblerRegisterZMM scratch)
    {
        if (shape.Rule == KernelRule.Corrected)
        {
            Note("dot · activation + correction, then times the rows' scales");
            Code.vbroadcastss(scratch, __dword_ptr[Corrections + 4 * vector]);
            Code.vfmadd231ps(scratch, dot, __dword_bcst[XScales + 4 * vector]);
            Code.vfmadd231ps(sum, scratch, Scale);
        }
        else
        {
            Code.vmulps(scratch, Scale, __dword_bcst[XScales + 4 * vector]);
            Code.vfmadd231ps(sum, dot, scratch);
        }
    }

    /// <summary>Offsets of the rows times the sums of the vectors, if there are any.</summary>
    protected void AddOffsets()
    {
        Label after = Code.CreateLabel();
        Code.cmp(__qword_ptr[Arguments + At(nameof(KernelArguments.Offsets))], 0);
        Code.je(after);
        Code.vmovups(Offset, __zmmword_ptr[Offsets]);
        for (int v = 0; v < shape.Vectors; v++)
        {
            Code.vfmadd231ps(Zmm[v], Offset, __dword_bcst[Totals + 4 * v]);
        }
        Code.add(Totals, XScaleStep);
        Code.Label(ref after);
    }

    /// <summary>To the scales of the next slice.</summary>
    protected void NextScale()
    {
        if (shape.Columns == 16)
        {
            StepScale();
            return;
        }
        Label after = Code.CreateLabel();
        Code.dec(LeftUnderScale);
        Code.jne(after);
        StepScale();
        Code.mov(LeftUnderScale, __[Arguments + At(nameof(KernelArguments.GroupsPerScale))]);
        Code.Label(ref after);
    }

    protected void StepScale()
    {
        Code.add(Scales, __qword_ptr[Arguments + At(nameof(KernelArguments.ScaleStep))]);
        Code.add(Offsets, 64);
    }
}

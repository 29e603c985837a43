using System.Reflection;
using System.Reflection.Emit;
using System.Runtime.CompilerServices;

namespace ILGPU.Emulation;

/// <summary>
/// Compiles a kernel's instructions into a class of threads whose method can stop at a wait and go on later, as C# does
/// with iterators. A group then needs no threads of the operating system, and every switch costs nanoseconds.
/// </summary>
internal sealed class KernelCompiler
{
    private static readonly AssemblyBuilder s_assembly = AssemblyBuilder.DefineDynamicAssembly(
        new AssemblyName("ILGPU.Emulation.Kernels"),
        AssemblyBuilderAccess.Run
    );
    private static readonly ModuleBuilder s_module = s_assembly.DefineDynamicModule("Kernels");
    private static readonly HashSet<string> s_opened = [];
    private static ConstructorInfo? s_opener;
    private static int s_count;

    private readonly MethodInfo _kernel;
    private readonly IReadOnlyList<Instruction> _instructions;
    private readonly TypeBuilder _type;
    private readonly ILGenerator _il;
    private readonly FieldBuilder[] _arguments;
    private readonly LocalBuilder[] _locals;
    private readonly Dictionary<int, Label> _labels = [];
    private readonly List<(LocalBuilder Local, FieldBuilder Field)> _saved = [];
    private readonly List<Label> _resumes = [];
    private readonly List<string> _sites = [];
    private readonly StackTypes _stack;
    private readonly bool _usesShared,
        _inlinePtx;
    private int _sharedSites;

    private KernelCompiler(MethodInfo kernel, bool inlinePtx)
    {
        (_kernel, _inlinePtx) = (kernel, inlinePtx);
        _instructions = IlReader.Read(kernel);
        _usesShared = _instructions.Any(instruction =>
            instruction.Operand is MethodInfo { DeclaringType: { } type } && type == typeof(SharedMemory)
        );
        _type = s_module.DefineType($"{NameOf(kernel)}#{++s_count}", TypeAttributes.Public | TypeAttributes.Sealed, typeof(EmulatedThread));
        Type[] parameters = [.. kernel.GetParameters().Select(parameter => parameter.ParameterType)];
        _arguments = [.. parameters.Select((type, i) => _type.DefineField($"argument{i}", type, FieldAttributes.Public))];
        _il = _type
            .DefineMethod(nameof(EmulatedThread.Run), MethodAttributes.Public | MethodAttributes.Virtual, typeof(int), [])
            .GetILGenerator();
        Type[] locals = [.. kernel.GetMethodBody()!.LocalVariables.Select(local => local.LocalType)];
        _locals = [.. locals.Select((type, i) => _il.DeclareLocal(type))];
        for (int i = 0; i < locals.Length; i++)
        {
            // a reference cannot be kept; one that is needed behind a wait is null there, which is reported
            if (!locals[i].IsByRef)
            {
                Save(_locals[i]);
            }
        }
        _stack = new StackTypes(parameters, locals);
    }

    /// <summary>Class and method, with the arguments of a generic method.</summary>
    public static string NameOf(MethodInfo kernel)
    {
        string arguments = kernel.IsGenericMethod ? $"<{string.Join(", ", kernel.GetGenericArguments().Select(type => type.Name))}>" : "";
        return $"{kernel.DeclaringType?.Name}.{kernel.Name}{arguments}";
    }

    public static CompiledKernel Compile(MethodInfo kernel, bool inlinePtx)
    {
        if (!kernel.IsStatic || kernel.ReturnType != typeof(void))
        {
            throw new NotSupportedException(
                $"{kernel.DeclaringType?.Name}.{kernel.Name}: a kernel is a static method without a result (and no lambda)."
            );
        }
        lock (s_module)
        {
            foreach (Type type in kernel.IsGenericMethod ? kernel.GetGenericArguments() : [])
            {
                Open(type.Assembly);
            }
            Open(kernel.Module.Assembly);
            return new KernelCompiler(kernel, inlinePtx).Compile();
        }
    }

    private CompiledKernel Compile()
    {
        WriteLoad();
        Label dispatch = _il.DefineLabel();
        _il.Emit(OpCodes.Br, dispatch);
        Label start = _il.DefineLabel();
        _il.MarkLabel(start);
        foreach (int target in _instructions.SelectMany(Targets).Distinct())
        {
            _labels[target] = _il.DefineLabel();
        }
        for (int i = 0; i < _instructions.Count; i++)
        {
            Instruction instruction = _instructions[i];
            if (_labels.TryGetValue(instruction.Offset, out Label label))
            {
                _il.MarkLabel(label);
            }
            _stack.Enter(instruction.Offset);
            if (
                instruction.Operand is MethodInfo { Name: nameof(Runtime.Cuda.CudaAsm.EmitRef) } method
                && method.DeclaringType == typeof(Runtime.Cuda.CudaAsm)
            )
            {
                WriteInstruction(method, i);
            }
            else
            {
                Write(instruction);
            }
        }
        _il.MarkLabel(dispatch);
        _il.Emit(OpCodes.Ldarg_0);
        _il.Emit(OpCodes.Ldfld, typeof(EmulatedThread).GetField(nameof(EmulatedThread.State))!);
        _il.Emit(OpCodes.Switch, [start, .. _resumes]);
        _il.Emit(OpCodes.Br, start);
        Type type = _type.CreateType();
        var create = System
            .Linq.Expressions.Expression.Lambda<Func<EmulatedThread>>(System.Linq.Expressions.Expression.New(type))
            .Compile();
        return new CompiledKernel(_kernel, create, _sites, _usesShared, _inlinePtx);
    }

    private static IEnumerable<int> Targets(Instruction instruction) =>
        instruction.Code.OperandType switch
        {
            OperandType.InlineBrTarget or OperandType.ShortInlineBrTarget => [(int)instruction.Operand!],
            OperandType.InlineSwitch => (int[])instruction.Operand!,
            _ => [],
        };

    private void Write(Instruction instruction)
    {
        OpCode code = instruction.Code;
        string name = code.Name!;
        if (code == OpCodes.Ret)
        {
            _il.Emit(OpCodes.Ldc_I4_0);
            _il.Emit(OpCodes.Ret);
        }
        else if (name.StartsWith("ldarg", StringComparison.Ordinal) || name.StartsWith("starg", StringComparison.Ordinal))
        {
            WriteArgument(instruction, name);
        }
        else if (name.Contains("loc", StringComparison.Ordinal) && name[2..].StartsWith("loc", StringComparison.Ordinal))
        {
            int index = instruction.Operand is int number ? number : name[6] - '0';
            _il.Emit(
                name.StartsWith("ldloca", StringComparison.Ordinal) ? OpCodes.Ldloca
                    : name[0] == 'l' ? OpCodes.Ldloc
                    : OpCodes.Stloc,
                _locals[index]
            );
        }
        else if (instruction.Operand is MethodInfo method && code.FlowControl == FlowControl.Call)
        {
            WriteCall(instruction, method);
            return;
        }
        else if (!_usesShared || !new CheckedAccess(_il, _stack).TryWrite(instruction))
        {
            WriteSame(instruction);
        }
        _stack.Step(instruction);
    }

    private void WriteArgument(Instruction instruction, string name)
    {
        FieldBuilder field = _arguments[instruction.Operand is int number ? number : name[6] - '0'];
        if (name[0] == 's')
        {
            LocalBuilder value = _il.DeclareLocal(field.FieldType);
            _il.Emit(OpCodes.Stloc, value);
            _il.Emit(OpCodes.Ldarg_0);
            _il.Emit(OpCodes.Ldloc, value);
            _il.Emit(OpCodes.Stfld, field);
            return;
        }
        _il.Emit(OpCodes.Ldarg_0);
        _il.Emit(name.StartsWith("ldarga", StringComparison.Ordinal) ? OpCodes.Ldflda : OpCodes.Ldfld, field);
    }

    private void WriteSame(Instruction instruction)
    {
        OpCode code = instruction.Code;
        switch (instruction.Operand)
        {
            case null:
                _il.Emit(code);
                break;
            case int[] targets:
                _il.Emit(code, [.. targets.Select(target => _labels[target])]);
                break;
            case int target when code.OperandType is OperandType.InlineBrTarget or OperandType.ShortInlineBrTarget:
                _il.Emit(Long(code), _labels[target]);
                break;
            case int value when code == OpCodes.Ldc_I4_S:
                _il.Emit(OpCodes.Ldc_I4, value);
                break;
            case int value when code.OperandType == OperandType.ShortInlineI:
                _il.Emit(code, (byte)value);
                break;
            case int value:
                _il.Emit(code, value);
                break;
            case long value:
                _il.Emit(code, value);
                break;
            case float value:
                _il.Emit(code, value);
                break;
            case double value:
                _il.Emit(code, value);
                break;
            case string value:
                _il.Emit(code, value);
                break;
            case Type value:
                _il.Emit(code, value);
                break;
            case FieldInfo value:
                _il.Emit(code, value);
                break;
            case MethodInfo value:
                _il.Emit(code, value);
                break;
            case ConstructorInfo value:
                _il.Emit(code, value);
                break;
            default:
                throw new NotSupportedException($"{_kernel.Name}: {code} is not for kernels.");
        }
    }

    /// <summary>The form of a branch that reaches everywhere.</summary>
    private static OpCode Long(OpCode code) =>
        code.OperandType == OperandType.InlineBrTarget
            ? code
            : (OpCode)typeof(OpCodes).GetFields().Single(field => ((OpCode)field.GetValue(null)!).Name == code.Name![..^2]).GetValue(null)!;

    private void WriteCall(Instruction instruction, MethodInfo method)
    {
        const BindingFlags inner = BindingFlags.Instance | BindingFlags.NonPublic;
        if (method.DeclaringType == typeof(SharedMemory))
        {
            bool dynamic = method.Name == nameof(SharedMemory.GetDynamic);
            MethodInfo target = typeof(EmulatedThread)
                .GetMethod(dynamic ? "Dynamic" : "Shared", inner)!
                .MakeGenericMethod(method.GetGenericArguments());
            if (!dynamic)
            {
                LocalBuilder extent = _il.DeclareLocal(typeof(int));
                _il.Emit(OpCodes.Stloc, extent);
                _il.Emit(OpCodes.Ldarg_0);
                _il.Emit(OpCodes.Ldloc, extent);
                _il.Emit(OpCodes.Ldc_I4, _sharedSites++);
            }
            else
            {
                _il.Emit(OpCodes.Ldarg_0);
            }
            _il.Emit(OpCodes.Call, target);
            _stack.Step(instruction);
        }
        else if (method.GetCustomAttribute<SynchronisesAttribute>() is { } wait)
        {
            WriteWait(method, wait.Kind);
        }
        else
        {
            if (method.Module == _kernel.Module && method.GetMethodBody() is not null && Waits(method))
            {
                throw new NotSupportedException(
                    $"{_kernel.Name} calls {method.Name}, which waits for other threads or uses shared memory; the emulator wants that in the kernel itself."
                );
            }
            Open(method.Module.Assembly);
            _il.Emit(instruction.Code, method);
            _stack.Step(instruction);
        }
    }

    private static bool Waits(MethodInfo method) =>
        IlReader
            .Read(method)
            .Any(instruction =>
                instruction.Operand is MethodInfo called
                && (called.DeclaringType == typeof(SharedMemory) || called.GetCustomAttribute<SynchronisesAttribute>() is not null)
            );

    /// <summary>Keeps everything, returns, and goes on behind with everything as it was.</summary>
    private void WriteWait(MethodInfo method, SyncKind kind)
    {
        const BindingFlags inner = BindingFlags.Instance | BindingFlags.NonPublic;
        ParameterInfo[] parameters = method.GetParameters();
        LocalBuilder[] arguments = [.. parameters.Select(parameter => _il.DeclareLocal(parameter.ParameterType))];
        for (int i = arguments.Length - 1; i >= 0; i--)
        {
            _il.Emit(OpCodes.Stloc, arguments[i]);
        }
        _stack.Pop(arguments.Length);
        var below = new List<LocalBuilder>();
        for (int i = 0; i < _stack.Count; i++)
        {
            if (_stack[i].IsByRef)
            {
                throw new NotSupportedException(
                    $"{_kernel.Name}: a reference is held while {method.DeclaringType!.Name}.{method.Name} waits; put its result into a local first."
                );
            }
            LocalBuilder kept = _il.DeclareLocal(_stack[i]);
            Save(kept);
            below.Add(kept);
            _il.Emit(OpCodes.Stloc, kept);
        }
        bool shuffles = kind >= SyncKind.Shuffle;
        _il.Emit(OpCodes.Ldarg_0);
        foreach (LocalBuilder argument in arguments)
        {
            _il.Emit(OpCodes.Ldloc, argument);
        }
        if (arguments.Length == 0)
        {
            _il.Emit(OpCodes.Ldc_I4_0);
        }
        MethodInfo post = typeof(EmulatedThread).GetMethod(shuffles ? "PostShuffle" : "PostBarrier", inner)!;
        _il.Emit(OpCodes.Call, shuffles ? post.MakeGenericMethod(method.GetGenericArguments()) : post);
        Suspend($"{method.DeclaringType!.Name}.{method.Name}", kind);
        for (int i = below.Count - 1; i >= 0; i--)
        {
            _il.Emit(OpCodes.Ldloc, below[i]);
        }
        if (method.ReturnType != typeof(void))
        {
            string take = shuffles
                ? "TakeShuffle"
                : method.Name switch
                {
                    "BarrierAnd" => "TakeAnd",
                    "BarrierOr" => "TakeOr",
                    _ => "TakeCount",
                };
            MethodInfo taken = typeof(EmulatedThread).GetMethod(take, inner)!;
            _il.Emit(OpCodes.Ldarg_0);
            _il.Emit(OpCodes.Call, shuffles ? taken.MakeGenericMethod(method.GetGenericArguments()) : taken);
            _stack.Push(method.ReturnType);
        }
    }

    /// <summary>Keeps all locals, returns what the thread waits for, and brings them back.</summary>
    private void Suspend(string site, SyncKind kind)
    {
        _sites.Add(site);
        var resume = _il.DefineLabel();
        _resumes.Add(resume);
        foreach ((LocalBuilder local, FieldBuilder field) in _saved)
        {
            _il.Emit(OpCodes.Ldarg_0);
            _il.Emit(OpCodes.Ldloc, local);
            _il.Emit(OpCodes.Stfld, field);
        }
        _il.Emit(OpCodes.Ldarg_0);
        _il.Emit(OpCodes.Ldc_I4, _resumes.Count);
        _il.Emit(OpCodes.Stfld, typeof(EmulatedThread).GetField(nameof(EmulatedThread.State))!);
        _il.Emit(OpCodes.Ldc_I4, (int)kind);
        _il.Emit(OpCodes.Ret);

        _il.MarkLabel(resume);
        foreach ((LocalBuilder local, FieldBuilder field) in _saved)
        {
            _il.Emit(OpCodes.Ldarg_0);
            _il.Emit(OpCodes.Ldfld, field);
            _il.Emit(OpCodes.Stloc, local);
        }
    }

    /// <summary>
    /// An instruction of the warp: its arguments are references to locals, which cannot be kept, so that the locals' values go
    /// to the thread's registers and come back from there.
    /// </summary>
    private void WriteInstruction(MethodInfo method, int at)
    {
        const BindingFlags inner = BindingFlags.Instance | BindingFlags.NonPublic;
        Type[] types = method.GetGenericArguments();
        Instruction text = _instructions[at - types.Length - 1];
        LocalBuilder?[] locals =
        [
            .. _instructions
                .Skip(at - types.Length)
                .Take(types.Length)
                .Select(argument =>
                    argument.Code.Name!.StartsWith("ldloca", StringComparison.Ordinal) ? _locals[(int)argument.Operand!] : null
                ),
        ];
        if (text.Operand is not string instruction || locals.Contains(null) || _stack.Count != types.Length + 1)
        {
            throw new NotSupportedException($"{_kernel.Name}: {method.Name} wants a literal and references to locals as arguments.");
        }
        for (int i = 0; i <= types.Length; i++)
        {
            _il.Emit(OpCodes.Pop);
        }
        _stack.Pop(types.Length + 1);
        _il.Emit(OpCodes.Ldarg_0);
        _il.Emit(OpCodes.Ldstr, instruction);
        _il.Emit(OpCodes.Call, typeof(EmulatedThread).GetMethod("PostInstruction", inner)!);
        for (int i = 0; i < types.Length; i++)
        {
            _il.Emit(OpCodes.Ldarg_0);
            _il.Emit(OpCodes.Ldc_I4, i);
            _il.Emit(OpCodes.Ldloc, locals[i]!);
            _il.Emit(OpCodes.Call, typeof(EmulatedThread).GetMethod("PostRegister", inner)!.MakeGenericMethod(types[i]));
        }
        Suspend($"{method.DeclaringType!.Name}.{method.Name}", SyncKind.Instruction);
        for (int i = 0; i < types.Length; i++)
        {
            if (types[i].GetGenericTypeDefinition() != typeof(Runtime.Cuda.Input<>))
            {
                _il.Emit(OpCodes.Ldarg_0);
                _il.Emit(OpCodes.Ldc_I4, i);
                _il.Emit(OpCodes.Call, typeof(EmulatedThread).GetMethod("TakeRegister", inner)!.MakeGenericMethod(types[i]));
                _il.Emit(OpCodes.Stloc, locals[i]!);
            }
        }
    }

    private void Save(LocalBuilder local) =>
        _saved.Add((local, _type.DefineField($"local{local.LocalIndex}", local.LocalType, FieldAttributes.Public)));

    private void WriteLoad()
    {
        ILGenerator il = _type
            .DefineMethod(nameof(EmulatedThread.Load), MethodAttributes.Public | MethodAttributes.Virtual, typeof(void), [typeof(object[])])
            .GetILGenerator();
        for (int i = 0; i < _arguments.Length; i++)
        {
            il.Emit(OpCodes.Ldarg_0);
            il.Emit(OpCodes.Ldarg_1);
            il.Emit(OpCodes.Ldc_I4, i);
            il.Emit(OpCodes.Ldelem_Ref);
            il.Emit(OpCodes.Unbox_Any, _arguments[i].FieldType);
            il.Emit(OpCodes.Stfld, _arguments[i]);
        }
        il.Emit(OpCodes.Ret);
    }

    /// <summary>Lets the compiled class reach the internals that a kernel reaches.</summary>
    private static void Open(Assembly assembly)
    {
        if (!s_opened.Add(assembly.GetName().Name!))
        {
            return;
        }
        if (s_opener is null)
        {
            // the runtime knows the attribute by its name, as it does InternalsVisibleTo
            TypeBuilder type = s_module.DefineType(
                "System.Runtime.CompilerServices.IgnoresAccessChecksToAttribute",
                TypeAttributes.Public,
                typeof(Attribute)
            );
            ConstructorBuilder constructor = type.DefineConstructor(MethodAttributes.Public, CallingConventions.Standard, [typeof(string)]);
            ILGenerator il = constructor.GetILGenerator();
            il.Emit(OpCodes.Ldarg_0);
            il.Emit(OpCodes.Call, typeof(Attribute).GetConstructor(BindingFlags.Instance | BindingFlags.NonPublic, [])!);
            il.Emit(OpCodes.Ret);
            s_opener = type.CreateType().GetConstructor([typeof(string)])!;
        }
        s_assembly.SetCustomAttribute(new CustomAttributeBuilder(s_opener, [assembly.GetName().Name!]));
    }
}
